import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import express from 'express'
import { cutSlowBodies } from '../../src/web/middleware/slow-bodies.ts'

const app = express()
app.use(cutSlowBodies(0.3))
app.all('/stream', (_req, res) => {
  res.write('a')
  setTimeout(() => res.end('z'), 900)
})
app.post('/form', express.text(), (_req, res) => void res.end('read'))
const server = app.listen(0, '127.0.0.1')
before(() => once(server, 'listening'))
after(() => server.close())

const ask = (method: string, path: string) =>
  request({ method, path, port: (server.address() as AddressInfo).port, host: '127.0.0.1' })

test('an answer that takes long, as an event stream does, is not cut off where nothing was sent', async () => {
  const asked = ask('GET', '/stream').end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  let said = ''
  for await (const part of response) said += String(part)
  assert.equal(said, 'az')
})

test('a body that does not come to its end is cut off', async () => {
  const asked = ask('POST', '/form').setHeader('content-type', 'text/plain').setHeader('content-length', 10)
  asked.write('begun')
  const failed = once(asked, 'error')
  const [error] = (await Promise.race([failed, sleep(10_000, [null])])) as [Error | null]
  assert.ok(error, 'it was still open after 10 s')
})
