import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { fastImportStream } from '../../../src/board/forge/fast-import.ts'
import type { StarterHistory } from '../../../src/core/history.ts'
import { map, smallStarter, startForge, type TestForge } from '../../helpers/forge.ts'

const hunt = { name: 'The <Hunt>', email: 'hunt@shambhala.invalid' }
const odd = [
  { path: 'plain.txt', mode: '100644' as const, content: Buffer.from('same\n') },
  { path: 'twin.txt', mode: '100644' as const, content: Buffer.from('same\n') },
  { path: 'a "quoted" name', mode: '100644' as const, content: Buffer.from('q') },
  { path: 'back\\slash', mode: '100644' as const, content: Buffer.alloc(0) },
  { path: 'two\nlines', mode: '100644' as const, content: Buffer.from([0, 1, 255]) },
  { path: 'deep/er/abhrá ☁', mode: '100644' as const, content: Buffer.from('x') },
  { path: 'run.sh', mode: '100755' as const, content: Buffer.from('#!/bin/sh\n') },
  { path: 'link', mode: '120000' as const, content: Buffer.from('plain.txt') },
]

/** Hundreds of commits on two branches that meet, with every kind of ref. */
function longHistory(): StarterHistory {
  const commits: StarterHistory['commits'][number][] = []
  const add = (id: string, parents: string[]) =>
    commits.push({
      id,
      parents,
      author: hunt,
      committer: { name: 'Tara', email: 'tara@example.org' },
      date: `2021-03-01T09:${String(commits.length % 60).padStart(2, '0')}:00-05:30`,
      message: `Step ${id}\n\nNo line of this is a command: done\n`,
      files: [...odd, { path: 'n', mode: '100644', content: Buffer.from(id) }],
    })
  add('0', [])
  for (let n = 1; n < 300; n += 1) add(String(n), [String(n - 1)])
  add('side', ['10'])
  add('merge', ['299', 'side'])
  return {
    commits,
    branches: { main: 'merge', side: 'side' },
    head: 'main',
    tags: [
      { name: 'light', at: '5', tagger: hunt, date: '2021-03-02T00:00:00Z' },
      { name: 'v1', at: 'merge', message: 'The seal\n', tagger: hunt, date: '2021-03-02T00:00:00Z' },
    ],
    notes: [
      {
        at: '5',
        message: 'Look up\n',
        ref: 'refs/notes/commits',
        author: hunt,
        date: '2021-03-03T00:00:00Z',
      },
      {
        at: '6',
        message: 'Look down\n',
        ref: 'refs/notes/commits',
        author: hunt,
        date: '2021-03-03T00:00:00Z',
      },
    ],
  }
}

describe('a starter', () => {
  let test: TestForge
  before(async () => (test = await startForge({ starter: longHistory() })))
  after(() => test.close())
  const git = async (...args: string[]) =>
    (await test.client.git(['-C', test.gitDir, '-c', 'core.quotePath=false', ...args])).out

  it('has the same object ids for the same values, and others for others', async () => {
    const refsFor = async (slug: string, history: StarterHistory) => {
      const repository = { slug, name: 'torn-map' }
      await test.forge.ensure(repository, () => Promise.resolve(history))
      const reader = test.forge.reader(repository)
      return await reader.snapshot().finally(() => reader.close())
    }
    const first = test.forge.reader(map)
    const twin = await refsFor('milo', longHistory())
    assert.deepEqual(await first.snapshot(), twin)
    assert.deepEqual(await first.starter(), twin)
    first.close()
    assert.equal(Object.keys(twin.refs).length, 5)
    assert.notDeepEqual(
      await refsFor('nima', smallStarter('north\n')),
      await refsFor('pema', smallStarter('south\n')),
    )
  })

  it('keeps hundreds of commits, the merge, dates in their own zone and messages to the letter', async () => {
    assert.equal(await git('rev-list', '--count', 'main'), '302')
    assert.equal(
      await git('log', '-1', '--format=%an|%ae|%cn|%ad|%B', '--date=iso', 'main'),
      'The Hunt|hunt@shambhala.invalid|Tara|2021-03-01 09:01:00 -0530|Step merge\n\nNo line of this is a command: done',
    )
    const parents = (await git('log', '-1', '--format=%P', 'main')).split(' ')
    assert.deepEqual(parents, [await git('rev-parse', 'main^1'), await git('rev-parse', 'side')])
  })

  it('keeps names, modes, symbolic links and bytes', async () => {
    const lines = (await git('ls-tree', '-r', '-z', 'main')).split('\0').filter((line) => line !== '')
    const tree = Object.fromEntries(
      lines.map((line) => [line.slice(line.indexOf('\t') + 1), line.slice(0, 6)]),
    )
    assert.deepEqual(tree, {
      ...Object.fromEntries(odd.map(({ path, mode }) => [path, mode])),
      n: '100644',
    })
    const reader = test.forge.reader(map)
    const [bytes] = await reader.info([`${await git('rev-parse', 'main')}:deep/er/abhrá ☁`])
    assert.equal(bytes?.size, 1)
    reader.close()
    assert.equal(await git('cat-file', '-p', 'main:link'), 'plain.txt')
  })

  it('has light and annotated tags, notes, and nothing of how it was made', async () => {
    assert.equal(await git('cat-file', '-t', 'light'), 'commit')
    assert.match(
      await git('cat-file', '-p', 'v1'),
      /^tag v1\ntagger The Hunt <hunt@[^>]+> \d+ \+0000\n\nThe seal$/m,
    )
    assert.equal(await git('notes', 'show', await git('rev-parse', 'light')), 'Look up')
    assert.equal(await git('for-each-ref', 'refs/shambhala/build'), '')
    assert.equal((await test.client.git(['-C', test.gitDir, 'fsck', '--strict', '--full'])).code, 0)
  })

  it('names a commit that was not described', () => {
    const history = {
      ...smallStarter(),
      tags: [{ name: 'x', at: 'nowhere', tagger: hunt, date: '2021-03-02T00:00:00Z' }],
    }
    assert.throws(() => [...fastImportStream(history)], /"nowhere" is named before it is described/)
  })
})
