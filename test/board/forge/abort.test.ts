import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { flush, pkt } from '../../../src/board/forge/pktline.ts'
import { cloneOf, smallStarter, startForge, type TestForge } from '../../helpers/forge.ts'
import { until } from '../../helpers/until.ts'

const zero = '0'.repeat(40)
const capabilities = 'report-status side-band-64k'

describe('a client that breaks off', () => {
  let test: TestForge
  let clone: string
  let start: string
  let pack: Buffer
  let sha: string
  before(async () => {
    test = await startForge({ starter: smallStarter(), limits: { idleSeconds: 1 } })
    clone = await cloneOf(test)
    start = (await test.client.git(['rev-parse', 'HEAD'], { cwd: clone })).out
    sha = await test.client.commit(clone, { map: 'whole\n' })
    pack = execFileSync('git', ['pack-objects', '--revs', '--stdout', '-q'], {
      cwd: clone,
      input: `${sha}\n^${start}\n`,
    })
  })
  after(() => test.close())
  beforeEach(() => {
    test.told.pushed.length = 0
    test.told.unmoved.length = 0
  })

  const head = (ref: string, more = capabilities) =>
    Buffer.concat([pkt(`${zero} ${sha} ${ref}\0${more}`), flush])
  const post = (length: number, body: Buffer): Socket => {
    const socket = connect(test.port, '127.0.0.1')
    const lines = [
      'POST /git/tara/torn-map.git/git-receive-pack HTTP/1.1',
      'Host: forge',
      `Authorization: Basic ${Buffer.from('tara:secret').toString('base64')}`,
      'Content-Type: application/x-git-receive-pack-request',
      `Content-Length: ${length}`,
      '',
      '',
    ]
    socket.write(Buffer.concat([Buffer.from(lines.join('\r\n')), body]))
    return socket.on('error', () => undefined)
  }
  const answerOf = async (socket: Socket): Promise<string> => {
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    await until('the end of an answer', 15, () => socket.destroyed || /\r\n0\r\n\r\n$/.test(text))
    socket.destroy()
    return text.replace(/\r\n[0-9a-f]+\r\n/g, '')
  }
  const refs = async () => (await test.client.git(['ls-remote', test.url()])).out
  const quarantines = () =>
    readdirSync(join(test.gitDir, 'objects')).filter((name) => name.startsWith('tmp_objdir'))
  it('before its pack is in moves nothing and leaves nothing, neither process nor file', async () => {
    const large = Buffer.alloc(400_000)
    const body = Buffer.concat([head('refs/heads/cut'), pack.subarray(0, pack.length - 25), large])
    const socket = post(body.length + 25, body)
    await until('all of it to be sent', 15, () => socket.writableLength === 0)
    await sleep(100)
    socket.destroy()
    await test.client.commit(clone, { next: String(Date.now()) })
    const next = await test.client.git(['push', 'origin', 'HEAD:refs/heads/next'], { cwd: clone })
    assert.equal(next.code, 0, next.err)
    assert.equal(test.told.pushed.length, 1)
    assert.deepEqual(readdirSync(test.root), ['tara'])
    assert.doesNotMatch(await refs(), /cut/)
    assert.deepEqual(quarantines(), [])
    const mine = execFileSync('ps', ['--ppid', String(process.pid), '-o', 'args='], { encoding: 'utf8' })
    assert.doesNotMatch(mine, /receive-pack/)
  })

  it('while it waits for its turn, or for the game, holds nobody up', async () => {
    const pushing = test.receiver.pushing.bind(test.receiver)
    let go: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (go = resolve))
    let asked = 0
    test.receiver.pushing = async (...given) => {
      asked += 1
      await gate
      return await pushing(...given)
    }
    const body = (ref: string) => Buffer.concat([head(ref), pack])
    const whole = body('refs/heads/asks')
    const first = post(whole.length, whole)
    await until('the game to be asked', 15, () => asked === 1)
    const second = post(whole.length + 1000, body('refs/heads/waits'))
    await sleep(200)
    first.destroy()
    second.destroy()
    await sleep(100)
    go()
    test.receiver.pushing = pushing
    await test.client.commit(clone, { after: String(Date.now()) })
    const { code, err } = await test.client.git(['push', 'origin', 'HEAD:refs/heads/after'], { cwd: clone })
    assert.equal(code, 0, err)
    assert.doesNotMatch(await refs(), /waits/)
  })

  it('after its pack came in has pushed: the game judges it', async () => {
    const body = Buffer.concat([head('refs/heads/in'), pack])
    const socket = post(body.length, body)
    await until('git to say something', 15, () => test.told.pushing > 0 && socket.bytesRead > 0)
    socket.destroy()
    await until('the game to be told', 15, () =>
      test.told.pushed.some(({ updates }) => updates[0]?.ref === 'refs/heads/in'),
    )
    assert.match(await refs(), /refs\/heads\/in/)
  })

  it('in the middle of the verdict ends neither the judging nor the next push', async () => {
    const pushed = test.receiver.pushed.bind(test.receiver)
    let finished = false
    test.receiver.pushed = async function* () {
      yield 'hint: looking'
      await sleep(300)
      yield 'success: found'
      finished = true
    }
    const body = Buffer.concat([head('refs/heads/gone'), pack])
    const socket = post(body.length, body)
    socket.on('data', (chunk: Buffer) => {
      if (chunk.includes('looking')) socket.destroy()
    })
    await until('the verdict', 15, () => finished)
    test.receiver.pushed = pushed
    assert.match(await refs(), /refs\/heads\/gone/)
  })

  it('by saying nothing more is given up, and its repository is free again', async () => {
    const body = Buffer.concat([head('refs/heads/stalls'), pack.subarray(0, 20)])
    const socket = post(10_000_000, body)
    await until('the connection to be cut', 15, () => socket.destroyed)
    const silent = post(1000, Buffer.from('00'))
    await until('the connection to be cut', 15, () => silent.destroyed)
  })

  it('with a length that is too small has pushed nothing', async () => {
    const body = Buffer.concat([head('refs/heads/short'), pack])
    await answerOf(post(body.length - 30, body))
    await until('the game to be told', 15, () => test.told.unmoved.length === 1)
    assert.doesNotMatch(await refs(), /short/)
  })

  it('without a sideband gets Git’s report and no lines', async () => {
    const body = Buffer.concat([head('refs/heads/old-client', 'report-status'), pack])
    const answer = await answerOf(post(body.length, body))
    assert.match(answer, /000eunpack ok\n001dok refs\/heads\/old-client\n/)
    assert.doesNotMatch(answer, /the map is whole/)
    assert.equal(test.told.pushed.length, 1)
  })

  it('that sends no push at all is told so', async () => {
    for (const body of ['what is this', '0005x', '0003']) {
      const answer = await answerOf(post(body.length, Buffer.from(body)))
      assert.match(answer, /^HTTP\/1.1 400/)
    }
  })
})
