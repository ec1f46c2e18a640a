import assert from 'node:assert/strict'
import { ChildProcess } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { openReader } from '../../../src/board/forge/reader.ts'
import { Inconclusive, TooLarge } from '../../../src/lib/errors.ts'
import { silentLog } from '../../../src/lib/log.ts'
import { makeRepository, type TestRepository } from '../../helpers/repository.ts'

describe('a repository is read', () => {
  let repository: TestRepository
  let first: string
  before(() => {
    repository = makeRepository()
    first = repository.commit({ 'map.txt': 'north\n', 'a name': 'spaces' })
  })
  after(() => repository.remove())

  it('tells the refs and the branch that HEAD names, without those that are ours', async () => {
    repository.git(['update-ref', 'refs/shambhala/evidence/1', first])
    repository.git(['update-ref', 'refs/shambhala/starter/heads/main', first])
    const reader = repository.reader()
    assert.deepEqual(await reader.snapshot(), { head: 'refs/heads/main', refs: { 'refs/heads/main': first } })
    assert.deepEqual(await reader.starter(), { head: 'refs/heads/main', refs: { 'refs/heads/main': first } })
  })

  it('tells types and sizes in the order of the questions, null for what is not there', async () => {
    const infos = await repository
      .reader()
      .info([first, `${first}:map.txt`, 'nowhere', `${first}:a name`, '', 'two\nlines', `${first}\0x`])
    assert.deepEqual(
      infos.map((info) => info && [info.type, info.size]),
      [['commit', infos[0]?.size], ['blob', 6], null, ['blob', 6], null, null, null],
    )
  })

  it('gives contents whole, many at once and across chunk borders', async () => {
    const large = Buffer.alloc(300_000, 'line\n')
    const oid = repository.git(['hash-object', '-w', '--stdin'], large)
    const empty = repository.git(['hash-object', '-w', '--stdin'], '')
    const reader = repository.reader()
    const all = await Promise.all([oid, empty, oid, first].map((one) => reader.contents(one, 1_000_000)))
    assert.deepEqual(all.slice(0, 3), [large, Buffer.alloc(0), large])
    assert.match(String(all[3]), /^tree /)
    assert.equal(await reader.contents('0'.repeat(40), 10), null)
    assert.equal(await reader.contents('HEAD', 10_000), null)
  })

  it('refuses an object over the bound before its bytes are read', async () => {
    const huge = repository.git(['hash-object', '-w', '--stdin'], Buffer.alloc(60_000_000))
    const reader = repository.reader()
    await reader.info([huge])
    const memory = process.memoryUsage().rss
    await assert.rejects(reader.contents(huge, 1000), TooLarge)
    assert.ok(process.memoryUsage().rss - memory < 30_000_000)
    assert.equal((await reader.info([huge]))[0]?.size, 60_000_000)
  })

  it('refuses output over the bound', async () => {
    await assert.rejects(repository.reader().git(['cat-file', '-p', first], { maxBytes: 20 }), TooLarge)
  })

  it('gives output byte for byte and passes input on', async () => {
    const bytes = Buffer.from([0xff, 0xfe, 0, 10, 0xc3])
    const oid = repository.git(['hash-object', '-w', '--stdin'], bytes)
    const reader = repository.reader()
    assert.deepEqual(await reader.git(['cat-file', 'blob', oid]), bytes)
    const answer = await reader.git(['cat-file', '--batch-check'], { input: `${oid}\n` })
    assert.equal(answer.toString(), `${oid} blob 5\n`)
  })

  it('says that it could not look when git fails, unless the exit code is an answer', async () => {
    const reader = repository.reader()
    await assert.rejects(reader.git(['log', 'nowhere']), Inconclusive)
    assert.equal((await reader.git(['grep', '-l', 'nothing such', first], { codes: [0, 1] })).length, 0)
  })

  it('stops at the signal: what is asked and what is under way both end as ours', async () => {
    const controller = new AbortController()
    const reader = repository.reader(controller.signal)
    const waiting = reader.git(['cat-file', '--batch'])
    const asked = reader.info([first])
    controller.abort()
    await assert.rejects(waiting, Inconclusive)
    await assert.rejects(asked, Inconclusive)
    await assert.rejects(reader.git(['log']), Inconclusive)
    await assert.rejects(repository.reader(AbortSignal.abort()).info([first]), Inconclusive)
  })

  it('says that it could not look when the repository or git is missing', async () => {
    const nowhere = openReader('/nonexistent/repository.git', { log: silentLog })
    await assert.rejects(nowhere.snapshot(), Inconclusive)
    await assert.rejects(nowhere.info([first]), Inconclusive)
    await assert.rejects(nowhere.git(['log']), Inconclusive)
    const without = openReader(repository.dir, { log: silentLog, git: '/nonexistent/git' })
    await assert.rejects(without.git(['log']), Inconclusive)
    await assert.rejects(without.info([first]), Inconclusive)
  })
})

describe('a repository that has gone while it is read', () => {
  it('ends quietly, and nobody is signalled for a git that never started', async (context) => {
    const strays = watchSignals(context)
    for (let round = 0; round < 10; round += 1) {
      const repository = makeRepository()
      const controller = new AbortController()
      const reader = repository.reader(controller.signal)
      repository.remove()
      const left = openReader(repository.dir, { log: silentLog, signal: controller.signal })
      const asked = [left.info(['HEAD']), left.git(['log']), left.starter(), reader.info(['HEAD'])]
      // At once, or when the log is under way: both are before Node has said that it cannot start.
      if (round % 2 === 0) controller.abort()
      else left.close()
      for (const one of await Promise.allSettled(asked)) {
        assert.equal(one.status, 'rejected')
        assert.ok(one.reason instanceof Inconclusive)
      }
    }
    assert.deepEqual(strays(), [])
  })
})

/** Signals to children without a number, and to whoever is no child; none is really sent. */
function watchSignals(context: TestContext): () => unknown[] {
  const strays: unknown[] = []
  context.mock.method(ChildProcess.prototype, 'kill', function (this: ChildProcess) {
    if (this.pid === undefined) strays.push(this.spawnargs)
    return true
  })
  context.mock.method(process, 'kill', (pid: number) => {
    if (!(pid < -1)) strays.push(pid)
    return true
  })
  return () => strays
}

describe('a repository that lies is read', () => {
  it('shows what was pushed, not what replacements or grafts put over it', async () => {
    const repository = makeRepository()
    try {
      const first = repository.commit({ 'a.txt': 'true\n' })
      const second = repository.commit({ 'a.txt': 'true 2\n' }, { parents: [first] })
      const forged = repository.commit({ 'a.txt': 'false\n' }, { ref: 'refs/heads/other' })
      repository.git(['update-ref', `refs/replace/${second}`, forged])
      writeFileSync(join(repository.dir, 'info', 'grafts'), `${second}\n`)
      const reader = repository.reader()
      assert.match(String(await reader.contents(second, 1000)), new RegExp(`parent ${first}`))
      assert.equal((await reader.git(['rev-list', '--count', second])).toString(), '2\n')
    } finally {
      repository.remove()
    }
  })

  it('knows that HEAD is missing', async () => {
    const repository = makeRepository()
    try {
      rmSync(join(repository.dir, 'HEAD'))
      await assert.rejects(repository.reader().snapshot(), Inconclusive)
    } finally {
      repository.remove()
    }
  })

  it('lets no hook, helper or environment of ours run', async () => {
    const repository = makeRepository()
    process.env.GIT_EXTERNAL_DIFF = '/bin/false'
    try {
      const first = repository.commit({ 'a.txt': 'one\n' })
      const second = repository.commit({ 'a.txt': 'two\n' }, { parents: [first] })
      const shown = await repository.reader().git(['log', '-p', second])
      assert.match(shown.toString(), /\+two/)
    } finally {
      delete process.env.GIT_EXTERNAL_DIFF
      repository.remove()
    }
  })
})
