import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { flush } from '../../../src/board/forge/pktline.ts'
import { curl } from '../../helpers/forge-attacks.ts'
import { cloneOf, map, milo, smallStarter, startForge, tara, type TestForge } from '../../helpers/forge.ts'

const basic = (user: string, password = 'secret') =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

describe('Git over HTTP', () => {
  let test: TestForge
  before(async () => (test = await startForge({ starter: smallStarter() })))
  after(() => test.close())
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${test.port}${path}`, {
      ...init,
      headers: { Authorization: basic('tara'), ...(init.headers as Record<string, string>) },
    })

  it('asks for credentials, and says of a token that is another’s what is known from the asking alone', async () => {
    const path = '/git/tara/torn-map.git/info/refs?service=git-upload-pack'
    for (const headers of [
      { Authorization: '' },
      { Authorization: basic('tara', 'wrong') },
      { Authorization: 'Bearer x' },
    ]) {
      const answer = await ask(path, { headers })
      assert.equal(answer.status, 401)
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic realm=/)
      assert.match(await answer.text(), /token/)
    }
    for (const theirs of ['tara', 'nobody'])
      for (const name of ['torn-map', 'no-map']) {
        const other = path.replace('tara/torn-map', `${theirs}/${name}`)
        const answer = await ask(other, { headers: { Authorization: basic('milo') } })
        assert.equal(answer.status, 401)
        assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic realm=/)
        const [first] = (await answer.text()).split('\n')
        assert.equal(first, `This token is milo’s, and the address is ${theirs}’s.`)
      }
    const nowhere = await ask(path.replace('torn', 'no'))
    assert.deepEqual([nowhere.status, await nowhere.text()], [404, 'There is no such repository.\n'])
  })

  it('has Git forget a stored token that is another’s, so that the next try asks for the right one', async () => {
    const { client, port } = test
    const store = join(client.dir, '.git-credentials')
    const stored = `http://milo:secret@127.0.0.1:${port}\n`
    writeFileSync(store, stored)
    const address = `http://127.0.0.1:${port}/git/tara/torn-map.git`
    const look = () => client.git(['-c', 'credential.helper=store', 'ls-remote', address])
    const { code, err } = await look()
    assert.notEqual(code, 0)
    assert.match(err, /^remote: This token is milo’s, and the address is tara’s\.\s*$/m)
    assert.match(err, /^remote: Run the same once more and give a token of tara’s, /m)
    assert.equal(readFileSync(store, 'utf8'), '')
    writeFileSync(store, stored.replace('milo', 'tara'))
    assert.equal((await look()).code, 0)
  })

  it('lets nobody read or write another player’s repository', async () => {
    const clone = await cloneOf(test, 'mine')
    for (const args of [
      ['ls-remote', test.url(milo)],
      ['push', test.url(milo), 'HEAD:refs/heads/x'],
    ]) {
      const { code, err } = await test.client.git(args, { cwd: clone })
      assert.notEqual(code, 0)
      assert.match(err, /Authentication failed/)
    }
    assert.equal((await test.client.git(['ls-remote', test.url(tara)])).code, 0)
  })

  it('refuses other methods, types, encodings and services', async () => {
    const post = (type: string, extra: Record<string, string> = {}) =>
      ask('/git/tara/torn-map.git/git-receive-pack', {
        method: 'POST',
        body: '0000',
        headers: { 'Content-Type': type, ...extra },
      })
    const pushType = 'application/x-git-receive-pack-request'
    assert.equal((await ask('/git/tara/torn-map.git/git-upload-pack')).status, 405)
    const put = await ask('/git/tara/torn-map.git/info/refs?service=git-upload-pack', { method: 'PUT' })
    assert.deepEqual([put.status, put.headers.get('allow')], [405, 'GET'])
    assert.equal((await post('text/plain')).status, 415)
    assert.equal((await post(pushType, { 'Content-Encoding': 'br' })).status, 415)
    assert.equal((await post(pushType)).status, 200)
    assert.equal((await ask('/git/tara/torn-map.git/info/refs?service=git-upload-archive')).status, 404)
  })

  it('speaks no dumb protocol: files of a repository are not there', async () => {
    for (const file of [
      'HEAD',
      'info/refs',
      'config',
      'objects/info/packs',
      'objects/00/'.padEnd(49, '0'),
      'refs/heads/main',
    ])
      assert.equal((await ask(`/git/tara/torn-map.git/${file}`)).status, 404, file)
  })

  it('finds nothing by tricks with the path', async () => {
    const service = '/info/refs?service=git-upload-pack'
    for (const path of [
      '/git/milo/../tara/torn-map.git',
      '/git/tara%2Ftorn-map.git',
      '/git/Tara/torn-map.git',
      '/git/tara/TORN-MAP.git',
      '/git//tara/torn-map.git',
      '/git/tara/.new-abc.git',
      '/git/tara/torn-map.git/..%2f..',
      '/git/tara/torn-map',
      '/git//[',
    ])
      assert.equal(await rawStatus(test.port, `${path}${service}`), 404, path)
    assert.equal(await rawStatus(test.port, `/git/tara/torn-map.git${service}`), 200)
  })

  it('asks for an upload only where it is welcome', async () => {
    const body = join(test.client.dir, 'probe')
    writeFileSync(body, '0000')
    const headers = ['Expect: 100-continue', 'Content-Type: application/x-git-receive-pack-request']
    const welcome = await curl(test, 'git-receive-pack', body, 'tara:secret', headers)
    assert.match(welcome, /< HTTP\/1.1 100 Continue[\s\S]*< HTTP\/1.1 200 OK/)
    const stranger = await curl(test, 'git-receive-pack', body, 'tara:wrong', headers)
    assert.doesNotMatch(stranger, /100 Continue/)
    assert.match(stranger, /401 Unauthorized/)
  })

  it('hides what is ours: not listed, not fetched by name, nor by object id where the protocol knows of refs', async () => {
    const clone = await cloneOf(test, 'thief')
    const other = await cloneOf(test, 'other')
    const lost = await test.client.commit(clone, { secret: 'x' }, 'Lost')
    await test.client.git(['push', '-q', 'origin', 'HEAD:refs/heads/lost'], { cwd: clone })
    await test.forge.pin(map, [lost])
    await test.client.git(['push', '-q', 'origin', ':refs/heads/lost'], { cwd: clone })
    assert.doesNotMatch((await test.client.git(['ls-remote', test.url()])).out, /shambhala/)
    const fetchFrom = (version: string, what: string) =>
      test.client.git(['-c', `protocol.version=${version}`, 'fetch', test.url(), what], {
        cwd: other,
      })
    for (const version of ['0', '2'])
      assert.notEqual((await fetchFrom(version, `refs/shambhala/evidence/${lost}`)).code, 0)
    assert.notEqual((await fetchFrom('0', lost)).code, 0)
  })

  it('runs no hook of a repository, nor minds its configuration', async () => {
    const hooks = join(test.gitDir, 'hooks')
    mkdirSync(hooks)
    const trace = join(test.client.dir, 'hook-ran')
    for (const hook of [
      'pre-receive',
      'update',
      'post-receive',
      'post-update',
      'reference-transaction',
      'proc-receive',
    ]) {
      writeFileSync(join(hooks, hook), `#!/bin/sh\necho ${hook} >> ${trace}\n`)
      chmodSync(join(hooks, hook), 0o755)
    }
    const config = async (key: string, value: string) =>
      await test.client.git(['-C', test.gitDir, 'config', key, value])
    await config('core.hooksPath', hooks)
    await config('receive.fsckObjects', 'false')
    await config('receive.maxInputSize', '0')
    await config('transfer.hideRefs', '!refs/shambhala')
    await config('uploadpack.packObjectsHook', `${hooks}/update`)
    const clone = await cloneOf(test, 'hooked')
    await test.client.commit(clone, { hooked: 'x' })
    assert.equal(
      (await test.client.git(['push', '-q', 'origin', 'HEAD:refs/heads/hooked'], { cwd: clone })).code,
      0,
    )
    assert.equal(existsSync(trace), false)
    assert.doesNotMatch((await test.client.git(['ls-remote', test.url()])).out, /shambhala/)
    const large = await test.client.commit(clone, {
      large: Buffer.from(Array.from({ length: 21 * 2 ** 20 }, () => Math.random() * 256)),
    })
    assert.ok(large)
    const pushed = await test.client.git(['push', 'origin', 'HEAD:refs/heads/hooked'], { cwd: clone })
    assert.match(pushed.err, /exceeds maximum allowed size/)
  })

  it('answers 503 and tries not to guess where the game cannot be asked', async () => {
    const allowed = test.receiver.allowed.bind(test.receiver)
    test.receiver.allowed = () => Promise.reject(new Error('the database is away'))
    const answer = await ask('/git/tara/torn-map.git/info/refs?service=git-upload-pack')
    test.receiver.allowed = allowed
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5'])
    assert.doesNotMatch(await answer.text(), /database/)
  })

  it('reads a probe without commands as no push', async () => {
    const before = test.told.pushing
    const answer = await ask('/git/tara/torn-map.git/git-receive-pack', {
      method: 'POST',
      body: flush,
      headers: { 'Content-Type': 'application/x-git-receive-pack-request' },
    })
    assert.deepEqual([answer.status, await answer.text()], [200, ''])
    assert.equal(test.told.pushing, before)
  })
})
/** Status of a GET whose path goes over the wire as it is written. */
function rawStatus(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic('tara')}\r\nConnection: close\r\n\r\n`,
      ),
    )
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])))
    socket.on('error', reject)
  })
}
