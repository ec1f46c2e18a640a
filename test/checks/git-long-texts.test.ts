import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { lookAt } from '../helpers/look.ts'
import { makeRepository, type TestRepository } from '../helpers/repository.ts'

let repository: TestRepository
before(() => {
  repository = makeRepository()
})
after(() => repository.remove())

/** The longest time in milliseconds in which nobody else had a turn. */
async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let [longest, last] = [0, Date.now()]
  const tick = () => {
    longest = Math.max(longest, Date.now() - last)
    last = Date.now()
  }
  const timer = setInterval(tick, 20)
  try {
    await work()
    tick()
    return longest
  } finally {
    clearInterval(timer)
  }
}

// Made anew for each, or tried anew at each, these take a minute; others wait meanwhile.
const blank = `${'\n'.repeat(120_000)}x`
const mostMs = 10_000

describe('while a commit is looked at, everybody else has their turn', () => {
  it('with fifty thousand trailers of one name', async () => {
    repository.commit({ a: '1' }, { message: `Long\n\n${'A: b\n'.repeat(50_000)}` })
    const turn = await longestTurn(async () => {
      const { commits } = await lookAt(repository)
      assert.equal(commits[0]?.trailers['A']?.length, 50_000)
    })
    assert.ok(turn < mostMs, `${turn} ms`)
  })

  it('with a message of empty lines', async () => {
    const sha = repository.commit({ a: '1' })
    const tree = repository.git(['rev-parse', `${sha}^{tree}`])
    // As it is: git commit would take the empty lines out.
    const raw = `tree ${tree}\nauthor A <a@b.c> 1700000000 +0000\ncommitter A <a@b.c> 1700000000 +0000\n\nLong\n\ny\n${blank}\n\n`
    const head = repository.git(['hash-object', '-t', 'commit', '-w', '--stdin'], raw)
    repository.git(['update-ref', 'refs/heads/main', head])
    const turn = await longestTurn(async () => {
      const { commits } = await lookAt(repository)
      assert.match(commits[0]?.body ?? '', /^y\n+x$/)
    })
    assert.ok(turn < mostMs, `${turn} ms`)
  })

  it('with such notes and tags', async () => {
    const head = repository.commit({ a: '1' })
    const text = blank.slice(-60_000)
    const blob = repository.git(['hash-object', '-w', '--stdin'], text)
    const tree = repository.git(['mktree'], `100644 blob ${blob}\t${head}\n`)
    repository.git(['update-ref', 'refs/notes/commits', repository.git(['commit-tree', tree, '-m', 'Notes'])])
    const raw = `object ${head}\ntype commit\ntag long\ntagger A <a@b.c> 1700000000 +0000\n\n${text}`
    repository.git(['update-ref', 'refs/tags/long', repository.git(['mktag'], raw)])
    const turn = await longestTurn(async () => {
      const { notes, tags } = await lookAt(repository)
      assert.match(notes[head] ?? '', /^\n+x$/)
      assert.match(tags['long']?.message ?? '', /^\n+x$/)
    })
    assert.ok(turn < mostMs, `${turn} ms`)
  })
})
