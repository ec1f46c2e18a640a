import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callOf } from '../../../src/web/present/workspace.ts'

const call = (hostSuffix: string, publicHttpPort: number, onServer: boolean, origin: string) =>
  callOf({ hostSuffix, ingress: { publicHttpPort, publicHttpsPort: 443, onServer } }, origin)

test('the address of an Ingress has the port that it is called at, and none where that is the usual one', () => {
  const plain = call('tara.play.example.org', 80, false, 'https://hunt.example.org')
  assert.deepEqual(plain, {
    address: 'http://tara.play.example.org/',
    curl: 'curl -i http://tara.play.example.org/',
    names: 'there',
    at: '',
  })
  const other = call('tara.play.example.org', 8081, false, 'https://hunt.example.org')
  assert.equal(other?.address, 'http://tara.play.example.org:8081/')
})

test('who reads the page on another machine gets a line that leads to the server, whatever names say there', () => {
  const lan = call('tara.play.test', 8081, true, 'http://192.168.1.5:8080')
  const way = '--connect-to "::192.168.1.5:8081"'
  assert.equal(lan?.curl, `curl -i ${way} http://tara.play.test:8081/`)
  assert.deepEqual([lan.names, lan.at], ['file', '192.168.1.5'])
  const six = call('tara.play.test', 8081, true, 'http://[fd00::5]:8080')
  assert.equal(six?.curl, 'curl -i --connect-to "::[fd00::5]:8081" http://tara.play.test:8081/')
  assert.deepEqual([six.names, six.at], ['file', 'fd00::5'])
})

test('names below localhost lead to the server on its own machine, and no file leads a browser there from another', () => {
  const here = call('tara.play.localhost', 8081, true, 'http://localhost:8080')
  assert.deepEqual([here?.curl, here?.names], ['curl -i http://tara.play.localhost:8081/', 'there'])
  const lan = call('tara.play.localhost', 8081, true, 'http://192.168.1.5:8080')
  assert.match(lan?.curl ?? '', /--connect-to "::192\.168\.1\.5:8081" /)
  assert.equal(lan?.names, 'own')
})

test('a cluster without an ingress is called nowhere', () => {
  assert.equal(callOf({ hostSuffix: null, ingress: null }, 'http://localhost:8080'), null)
})
