import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { after, afterEach, before, describe, it } from 'node:test'
import { flush, pkt } from '../../../src/board/forge/pktline.ts'
import {
  evilModules,
  evilTree,
  leftOf,
  makeBombs,
  post,
  push,
  throwBomb,
  type Evil,
} from '../../helpers/forge-attacks.ts'
import { cloneOf, smallStarter, startForge, type TestForge } from '../../helpers/forge.ts'
import type { TestRepository } from '../../helpers/repository.ts'

let bombs: TestRepository
before(() => (bombs = makeBombs()))
after(() => bombs.remove())

describe('a push that is too much', () => {
  let test: TestForge
  before(async () => (test = await startForge({ starter: smallStarter() })))
  after(() => test.close())
  afterEach(() => {
    assert.deepEqual(leftOf(test), [], 'nothing is left of a refused push')
    assert.equal(test.told.pushed.length, 0)
  })

  it('of 200 MB is refused with the limit in words, and none of it is kept in memory', async () => {
    const clone = await cloneOf(test, 'huge')
    await test.client.git(['config', 'core.compression', '0'], { cwd: clone })
    await test.client.commit(clone, { huge: Buffer.alloc(200_000_000, randomBytes(1_000_003)) })
    const memory = process.memoryUsage().rss
    let most = 0
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20)
    const { code, err } = await push(test, clone, 'main')
    clearInterval(watch)
    assert.notEqual(code, 0)
    assert.match(err, /remote: fatal: pack exceeds maximum allowed size/)
    assert.match(err, /remote: hint: one push may have 20 MiB: /)
    assert.ok(most - memory < 120_000_000, `${most - memory} bytes more`)
  })

  it('for one file that unpacks to 1.5 GB out of 1.5 MB is refused, and its file is named', async () => {
    const { code, err } = await throwBomb(test, bombs, 'big')
    assert.notEqual(code, 0)
    assert.match(err, /remote: (error: a file of 1536 MiB|error: this push was not taken in)/)
    assert.match(err, /remote: hint: /)
  })

  it('for one file over the limit says how to find it', async () => {
    const { err } = await throwBomb(test, bombs, 'small')
    const [, oid] =
      /remote: error: a file of 30 MiB \(([0-9a-f]{10})\); one file may have 10 MiB/.exec(err) ?? []
    assert.match(
      err,
      new RegExp(`remote: hint: its name: git rev-list --objects --all \\| grep ${oid ?? 'nothing'}`),
    )
    assert.match(
      bombs.git(['rev-list', '--objects', '--all']),
      new RegExp(`^${oid ?? 'nothing'}.* void$`, 'm'),
    )
  })

  it('of 300 refs is refused before Git starts, in one line', async () => {
    const clone = await cloneOf(test, 'refs')
    const sha = (await test.client.git(['rev-parse', 'HEAD'], { cwd: clone })).out
    const lines = Array.from({ length: 300 }, (_, n) => `create refs/heads/b${n} ${sha}\n`).join('')
    execFileSync('git', ['update-ref', '--stdin'], { cwd: clone, input: lines })
    const pushing = test.told.pushing
    const { code, err } = await push(test, clone, '--all')
    assert.notEqual(code, 0)
    assert.equal(err.match(/^remote: error: this push moves more than 200 refs/gm)?.length, 1)
    assert.equal(err.match(/^ ! \[remote rejected\]/gm)?.length, 300)
    assert.equal(test.told.pushing, pushing)
  })

  // Git's client itself takes minutes over so many; the server must not.
  it('of 20 000 refs is refused the same way, each by its name', async () => {
    const commands = Array.from({ length: 20_000 }, (_, n) =>
      pkt(
        `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/b${n}${n === 0 ? '\0report-status side-band-64k' : ''}`,
      ),
    )
    const answer = await post(test, Buffer.concat([...commands, flush, Buffer.alloc(1_000_000)]))
    assert.match(answer, /error: this push moves more than 200 refs/)
    assert.match(answer, /ng refs\/heads\/b0 /)
    assert.match(answer, /ng refs\/heads\/b19999 /)
  })

  it('by its head alone is refused without reading on', async () => {
    const line = pkt(`${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/${'x'.repeat(60_000)}`)
    const answer = await post(test, Buffer.concat(Array.from({ length: 200 }, () => line)))
    assert.equal(answer, 'the head of this push is too large\n')
  })

  it('of a tree of 100 000 files is refused by the count of its objects', async () => {
    const clone = await cloneOf(test, 'files')
    await test.client.git(['config', 'pack.window', '0'], { cwd: clone })
    const files = Array.from(
      { length: 100_000 },
      (_, n) => `M 100644 inline d${n % 100}/f${n}\ndata ${String(n).length}\n${n}\n`,
    )
    const input = `commit refs/heads/many\ncommitter T <t@example.org> 1 +0000\ndata 1\nx\n${files.join('')}`
    execFileSync('git', ['fast-import', '--quiet'], { cwd: clone, input })
    const { code, err } = await push(test, clone, 'many')
    assert.notEqual(code, 0)
    assert.match(err, /remote: error: 10\d{4} objects in one push; 20000 are taken/)
  })

  it('for whoever clones it, since it is malformed, is refused with what to do', async () => {
    const evil: Record<string, () => Evil> = {
      hasDotgit: () => evilTree('100644', '.git'),
      hasDotdot: () => evilTree('100644', '..'),
      gitmodulesUrl: () => evilModules('[submodule "x"]\n\tpath = x\n\turl = -u./x\n'),
      gitmodulesName: () => evilModules('[submodule "../../x"]\n\tpath = x\n\turl = https://example.org/x\n'),
    }
    for (const [kind, make] of Object.entries(evil)) {
      const { sha, repository } = make()
      const { code, err } = await test.client.git([
        '--git-dir',
        repository.dir,
        'push',
        test.url(),
        `${sha}:refs/heads/evil`,
      ])
      repository.remove()
      assert.notEqual(code, 0, kind)
      assert.match(err, new RegExp(`remote: error: object [0-9a-f]{40}: ${kind}`))
      assert.match(err, /remote: hint: Git refuses this object/)
    }
  })

  it('to refs that are nobody’s to push is refused', async () => {
    const clone = await cloneOf(test, 'hidden')
    for (const ref of [
      'refs/shambhala/evidence/x',
      'refs/remotes/origin/x',
      'refs/stash',
      'refs/replace/x',
    ]) {
      const { code, err } = await push(test, clone, `HEAD:${ref}`)
      assert.notEqual(code, 0)
      assert.match(err, /cannot be pushed here/)
    }
  })
})
