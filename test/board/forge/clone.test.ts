import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { pkt } from '../../../src/board/forge/pktline.ts'
import { curl } from '../../helpers/forge-attacks.ts'
import { cloneOf, smallStarter, startForge, type TestForge } from '../../helpers/forge.ts'

describe('a clone', () => {
  let test: TestForge
  before(async () => (test = await startForge({ starter: smallStarter() })))
  after(() => test.close())

  for (const version of ['0', '1', '2'])
    it(`clones with protocol version ${version}`, async () => {
      const name = `clone-v${version}`
      const { code, err } = await test.client.git(
        ['-c', `protocol.version=${version}`, 'clone', test.url(), name],
        {
          env: { GIT_TRACE_PACKET: '1' },
        },
      )
      assert.equal(code, 0, err)
      assert.equal(/packet: +(git|clone)< version 2/.test(err), version === '2')
      assert.equal(
        (await test.client.git(['log', '--format=%s'], { cwd: join(test.client.dir, name) })).out,
        'Start',
      )
      assert.doesNotMatch(err, /refs\/shambhala/)
    })

  it('clones shallow, and deepens', async () => {
    const clone = await cloneOf(test, 'writer')
    for (let n = 0; n < 3; n += 1) await test.client.commit(clone, { n: String(n) })
    await test.client.git(['push', '-q', 'origin', 'main'], { cwd: clone })
    assert.equal((await test.client.git(['clone', '-q', '--depth', '1', test.url(), 'shallow'])).code, 0)
    const shallow = { cwd: join(test.client.dir, 'shallow') }
    assert.equal((await test.client.git(['rev-list', '--count', 'HEAD'], shallow)).out, '1')
    assert.equal((await test.client.git(['fetch', '-q', '--unshallow'], shallow)).code, 0)
    assert.equal((await test.client.git(['rev-list', '--count', 'HEAD'], shallow)).out, '4')
  })

  it('pushes from a shallow clone', async () => {
    assert.equal(
      (await test.client.git(['clone', '-q', '--depth', '1', test.url(), 'shallow-writer'])).code,
      0,
    )
    const clone = join(test.client.dir, 'shallow-writer')
    await test.client.commit(clone, { shallow: 'x' })
    const { code, err } = await test.client.git(['push', 'origin', 'HEAD:refs/heads/shallow'], { cwd: clone })
    assert.equal(code, 0, err)
  })

  it('understands a long negotiation, which git sends zipped', async () => {
    const clone = await cloneOf(test, 'many')
    const other = await cloneOf(test, 'other')
    for (let n = 0; n < 30; n += 1) {
      await test.client.commit(other, { news: String(n) })
      await test.client.git(['branch', `news-${n}`], { cwd: other })
    }
    await test.client.git(['push', '-q', '--all', 'origin'], { cwd: other })
    const { code, err } = await test.client.git(['fetch', 'origin'], {
      cwd: clone,
      env: { GIT_CURL_VERBOSE: '1' },
    })
    assert.equal(code, 0)
    assert.match(err, /content-encoding: gzip/i)
  })

  it('stops a zipped body that never ends in size, and serves on', async () => {
    const bomb = gzipSync(Buffer.concat([pkt('command=fetch'), Buffer.alloc(200_000_000, '0009done\n')]))
    assert.ok(bomb.length < 1_000_000)
    const file = join(test.client.dir, 'bomb')
    writeFileSync(file, bomb)
    const headers = [
      'Content-Type: application/x-git-upload-pack-request',
      'Content-Encoding: gzip',
      'Git-Protocol: version=2',
    ]
    const answer = await curl(test, 'git-upload-pack', file, 'tara:secret', headers)
    assert.doesNotMatch(answer, /packfile/)
    assert.equal((await test.client.git(['ls-remote', test.url()])).code, 0)
  })
})
