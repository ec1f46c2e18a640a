import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { cloneOf, smallStarter, startForge, type TestForge } from '../../helpers/forge.ts'

const zero = '0'.repeat(40)

describe('a push', () => {
  let test: TestForge
  let clone: string
  let clones = 0
  before(async () => (test = await startForge({ starter: smallStarter() })))
  after(() => test.close())
  beforeEach(async () => {
    clone = await cloneOf(test, `clone-${(clones += 1)}`)
    test.told.pushed.length = 0
    test.told.unmoved.length = 0
    test.told.pushing = 0
  })
  const push = (...args: string[]) => test.client.git(['push', 'origin', ...args], { cwd: clone })

  it('is told to the game with what moved, and the game’s lines reach the terminal', async () => {
    const old = (await test.client.git(['rev-parse', 'HEAD'], { cwd: clone })).out
    const sha = await test.client.commit(clone, { a: '1' })
    const { code, err } = await push('main', 'HEAD:refs/heads/new')
    assert.equal(code, 0)
    assert.match(err, /^remote: success: the map is whole\s*$/m)
    const [told] = test.told.pushed
    assert.deepEqual(
      told?.updates.toSorted((a, b) => a.ref.localeCompare(b.ref)),
      [
        { ref: 'refs/heads/main', before: old, after: sha },
        { ref: 'refs/heads/new', before: zero, after: sha },
      ],
    )
    assert.equal(told.snapshot.refs['refs/heads/main'], sha)
    assert.ok(Math.abs(Date.now() - told.receivedAt.getTime()) < 60_000)
  })

  it('of a large file comes with a probe before it, which is no push of its own', async () => {
    await test.client.commit(clone, { large: randomBytes(3 * 2 ** 20) })
    const { code, err } = await test.client.git(['push', 'origin', 'main'], {
      cwd: clone,
      env: { GIT_CURL_VERBOSE: '1' },
    })
    assert.equal(code, 0)
    assert.match(err, /Transfer-Encoding: chunked/i)
    assert.deepEqual([test.told.pushing, test.told.pushed.length], [1, 1])
  })

  it('may rewrite, delete, tag and note', async () => {
    await test.client.git(['commit', '-q', '--amend', '-m', 'Another start'], { cwd: clone })
    assert.notEqual((await push('main')).code, 0)
    assert.equal((await push('--force', 'main')).code, 0)
    await test.client.git(['tag', '-a', 'v1', '-m', 'The seal'], { cwd: clone })
    await test.client.git(['notes', 'add', '-m', 'Look'], { cwd: clone })
    assert.equal((await push('v1', 'refs/notes/commits', 'HEAD:refs/heads/short')).code, 0)
    assert.equal((await push(':refs/heads/short', ':refs/tags/v1')).code, 0)
    const refs = Object.keys(test.told.pushed.at(-1)?.snapshot.refs ?? {})
    assert.ok(refs.includes('refs/notes/commits'))
    assert.ok(!refs.includes('refs/tags/v1') && !refs.includes('refs/heads/short'))
  })

  it('of a mirror is taken in but for the refs that are nobody’s to push', async () => {
    const git = (args: string[]) => test.client.git(args, { cwd: clone })
    const sha = await test.client.commit(clone, { mirrored: '1' })
    for (const ref of ['original/refs/heads/main', 'replace/x', 'stash'])
      await git(['update-ref', `refs/${ref}`, sha])
    await git(['notes', 'add', '-m', 'Look'])
    const { code, err } = await git(['push', '--mirror', 'origin'])
    assert.notEqual(code, 0)
    assert.match(
      err,
      /^remote: error: refs\/original\/refs\/heads\/main and [34] more cannot be pushed here; the rest of this push is taken in\s*$/m,
    )
    assert.match(err, /^remote: hint: branches, tags and notes can: /m)
    assert.match(err, /! \[remote rejected\] refs\/original\/refs\/heads\/main /)
    const [told] = test.told.pushed
    assert.equal(told?.snapshot.refs['refs/heads/main'], sha)
    assert.deepEqual(
      told.updates.map(({ ref }) => ref).filter((ref) => !/^refs\/(heads|tags|notes)\//.test(ref)),
      [],
    )
    assert.ok('refs/notes/commits' in told.snapshot.refs)
    const again = await git(['push', '--mirror', '--atomic', 'origin'])
    assert.notEqual(again.code, 0)
    assert.equal(test.told.pushed.length, 1, 'all or nothing was asked for')
  })

  it('that changes nothing is no push', async () => {
    assert.match((await push('main')).err, /Everything up-to-date/)
    assert.deepEqual([test.told.pushing, test.told.pushed.length], [0, 0])
  })

  it('carries its options, of which a bounded part arrives', async () => {
    await test.client.commit(clone, { options: '1' })
    const many = Array.from({ length: 30 }, (_, n) => ['-o', `${n}${'x'.repeat(500)}`]).flat()
    assert.equal((await push('-o', 'plain', ...many, 'main')).code, 0)
    const options = test.told.pushed[0]?.options ?? []
    assert.deepEqual([options[0], options.length, options[1]?.length], ['plain', 20, 200])
  })

  it('shows lines that take their time, the first before the last was thought of', async () => {
    const pushed = test.receiver.pushed.bind(test.receiver)
    let seen = ''
    let first = ''
    test.receiver.pushed = async function* () {
      yield 'hint: looking'
      await sleep(2000)
      first = seen
      yield 'error: torn in two'
    }
    await test.client.commit(clone, { slow: '1' })
    const child = spawn('git', ['push', 'origin', 'main'], {
      cwd: clone,
      env: { ...process.env, HOME: test.client.dir },
    })
    child.stderr.on('data', (chunk: Buffer) => (seen += chunk.toString()))
    const code = await new Promise((resolve) => child.on('close', resolve))
    test.receiver.pushed = pushed
    assert.match(first, /remote: hint: looking/)
    assert.match(seen, /remote: error: torn in two/)
    assert.equal(code, 0, 'a failed verdict is no failed push')
  })

  it('is in also where the game cannot be told, which the pusher reads', async () => {
    const pushed = test.receiver.pushed.bind(test.receiver)
    // eslint-disable-next-line @typescript-eslint/require-await -- the game's answer is a stream; this one breaks off
    test.receiver.pushed = async function* () {
      yield 'hint: looking'
      throw new Error('the database is away')
    }
    await test.client.commit(clone, { untold: '1' })
    const { code, err } = await push('main')
    test.receiver.pushed = pushed
    assert.equal(code, 0)
    assert.match(err, /remote: hint: your push is in; its verdict will be on the page/)
  })

  it('is refused in the game’s words, and nothing moves', async () => {
    const pushing = test.receiver.pushing.bind(test.receiver)
    test.receiver.pushing = () => Promise.resolve({ refuse: 'error: the hunt is over' })
    await test.client.commit(clone, { late: '1' })
    const { code, err } = await push('main', 'HEAD:refs/heads/late')
    test.receiver.pushing = pushing
    assert.notEqual(code, 0)
    assert.match(err, /remote: error: the hunt is over/)
    assert.match(err, /! \[remote rejected\] main -> main \(the hunt is over\)/)
    assert.equal((await test.client.git(['ls-remote', 'origin', 'late'], { cwd: clone })).out, '')
  })

  it('beside another one gets its own verdict, whoever comes first', async () => {
    const other = await cloneOf(test, `other-${clones}`)
    await test.client.commit(clone, { left: '1' })
    await test.client.commit(other, { right: '1' })
    const both = await Promise.all([
      test.client.git(['push', 'origin', 'HEAD:refs/heads/left'], { cwd: clone }),
      test.client.git(['push', 'origin', 'HEAD:refs/heads/right'], { cwd: other }),
    ])
    assert.deepEqual(
      both.map(({ code }) => code),
      [0, 0],
    )
    assert.deepEqual(test.told.pushed.map(({ updates }) => updates.map(({ ref }) => ref)).sort(), [
      ['refs/heads/left'],
      ['refs/heads/right'],
    ])
  })

  it('beside another one to the same branch: one wins, the other is told so', async () => {
    const other = await cloneOf(test, `same-${clones}`)
    await test.client.commit(clone, { same: '1' })
    await test.client.commit(other, { same: '2' })
    const both = await Promise.all(
      [clone, other].map((cwd) => test.client.git(['push', 'origin', 'main'], { cwd })),
    )
    assert.equal(both.filter(({ code }) => code === 0).length, 1)
    assert.equal(test.told.pushed.length, 1)
  })

  it('goes through where a killed server left a lock behind, and leaves younger locks alone', async () => {
    const lock = join(test.gitDir, 'refs', 'heads', 'main.lock')
    writeFileSync(lock, '')
    await test.client.commit(clone, { lock: '1' })
    assert.notEqual((await push('main')).code, 0)
    mkdirSync(join(test.gitDir, 'objects', 'tmp_objdir-incoming-left'))
    for (const path of [lock, join(test.gitDir, 'objects', 'tmp_objdir-incoming-left')])
      utimesSync(path, 1, 1)
    const { code, err } = await push('main')
    assert.equal(code, 0, err)
  })
})
