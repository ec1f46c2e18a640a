import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { after, before, describe, it } from 'node:test'
import { createEmbeddedForge } from '../../../src/board/forge/embedded.ts'
import { Inconclusive } from '../../../src/lib/errors.ts'
import { silentLog } from '../../../src/lib/log.ts'
import { cloneOf, map, smallStarter, startForge, type TestForge } from '../../helpers/forge.ts'

const begun = { ...smallStarter(), branches: { main: 'a', side: 'a' } }
const starter = () => Promise.resolve(begun)
const snapshotOf = async ({ forge }: TestForge) => {
  const reader = forge.reader(map)
  return await reader.snapshot().finally(() => reader.close())
}

describe('repositories on this disk', () => {
  let test: TestForge
  before(async () => (test = await startForge({ starter: begun })))
  after(() => test.close())

  it('are reached below the address that the player knows, with the slug and a token', () => {
    assert.deepEqual(test.forge.access(map, 'https://hunt.example.org:8443'), {
      url: 'https://hunt.example.org:8443/git/tara/torn-map.git',
      cloneUrl: 'https://tara@hunt.example.org:8443/git/tara/torn-map.git',
      username: 'tara',
      password: 'your token',
    })
    assert.deepEqual(test.forge.login('tara'), { username: 'tara', password: 'your token' })
  })

  it('are read by nobody any more once their player has gone or the server has stopped', async () => {
    const readings = () =>
      execFileSync('ps', ['--ppid', String(process.pid), '-o', 'args='], { encoding: 'utf8' })
        .split('\n')
        .filter((line) => line.includes('cat-file')).length
    const other = { slug: 'gone', name: 'torn-map' }
    const forge = await createEmbeddedForge({ root: `${test.root}-other`, log: silentLog })
    const [theirs, mine] = [other, map].map((one) => forge.reader(one))
    assert.ok(theirs && mine)
    await forge.ensure(other, starter)
    await forge.ensure(map, starter)
    const before = readings()
    await Promise.all([theirs.info(['main']), mine.info(['main'])])
    assert.equal(readings(), before + 2)
    await forge.remove(other.slug)
    assert.equal(readings(), before + 1)
    await assert.rejects(theirs.info(['main']), Inconclusive)
    await forge.close()
    assert.equal(readings(), before)
    await assert.rejects(mine.info(['main']), Inconclusive)
    await assert.rejects(forge.reader(map).info(['main']), Inconclusive)
    await assert.rejects(forge.reader(map).snapshot(), Inconclusive)
  })

  it('are made once, whoever asks, and the starter is not even read the second time', async () => {
    const other = { slug: 'milo', name: 'torn-map' }
    assert.equal(await test.forge.has(other), false)
    await Promise.all(Array.from({ length: 5 }, () => test.forge.ensure(other, starter)))
    assert.equal(await test.forge.has(other), true)
    await test.forge.ensure(other, () => Promise.reject(new Error('read again')))
    assert.deepEqual(
      readdirSync(test.root).filter((name) => name.startsWith('.')),
      [],
    )
  })

  it('are not there when their starter fails, nor half of them', async () => {
    const other = { slug: 'nima', name: 'torn-map' }
    const broken = { ...smallStarter(), branches: { main: 'nowhere' } }
    await assert.rejects(
      test.forge.ensure(other, () => Promise.resolve(broken)),
      Inconclusive,
    )
    assert.equal(await test.forge.has(other), false)
    assert.deepEqual(
      readdirSync(test.root).filter((name) => name.startsWith('.')),
      [],
    )
  })

  it('start with what a killed server left swept away', async () => {
    mkdirSync(join(test.root, '.new-abc', 'objects'), { recursive: true })
    mkdirSync(join(test.root, '.gone-abc', 'torn-map.git'), { recursive: true })
    writeFileSync(join(test.root, '.new-abc', 'HEAD'), 'ref: refs/heads/main\n')
    await createEmbeddedForge({ root: test.root, log: silentLog })
    assert.deepEqual(
      readdirSync(test.root).filter((name) => name.startsWith('.')),
      [],
    )
    assert.equal(await test.forge.has(map), true)
  })

  it('have names of one shape alone', async () => {
    for (const bad of [
      { slug: '..', name: 'x' },
      { slug: 'tara', name: '../x' },
      { slug: 'Tara', name: 'x' },
      { slug: '', name: '' },
    ])
      await assert.rejects((async () => await test.forge.has(bad))(), /no repository can be called/)
    await assert.rejects((async () => await test.forge.remove('../tara'))(), /no player can be called/)
  })

  it('start again as they were: deleted refs back, added ones gone, evidence still readable', async () => {
    const first = await snapshotOf(test)
    const clone = await cloneOf(test)
    const sha = await test.client.commit(clone, { 'proof.txt': 'mine\n' })
    const push = async (...refs: string[]) =>
      assert.equal((await test.client.git(['push', 'origin', ...refs], { cwd: clone })).code, 0)
    // `side` and `side/mine` cannot stand beside each other: resetting has to take one away first.
    await push(':refs/heads/side')
    await push('HEAD:refs/heads/side/mine', 'HEAD:refs/tags/v1', 'HEAD:refs/heads/main')
    await test.forge.pin(map, [sha, 'no object id'])

    await test.forge.reset(map, starter)
    assert.deepEqual(await snapshotOf(test), first)
    const reader = test.forge.reader(map)
    assert.equal((await reader.contents(sha, 10_000))?.toString().includes('A step'), true)
    reader.close()
  })

  it('are given out whole as a bundle, without what is hidden', async () => {
    const stream = await test.forge.bundle(map)
    assert.ok(stream)
    const file = join(test.client.dir, 'all.bundle')
    await pipeline(stream, createWriteStream(file))
    const { out } = await test.client.git(['ls-remote', file])
    assert.match(out, /refs\/heads\/main$/m)
    assert.doesNotMatch(out, /shambhala/)
    assert.equal((await test.client.git(['clone', '-q', file, 'from-bundle'])).code, 0)
    const empty = { slug: 'tara', name: 'empty' }
    await test.forge.ensure(empty, () => Promise.resolve(null))
    assert.equal(await test.forge.bundle(empty), null)
  })

  it('give an error, not half a bundle, where one is damaged', async () => {
    const other = { slug: 'pema', name: 'torn-map' }
    await test.forge.ensure(other, starter)
    const packs = join(test.root, 'pema', 'torn-map.git', 'objects', 'pack')
    for (const file of readdirSync(packs))
      if (file.endsWith('.pack')) writeFileSync(join(packs, file), 'PACK')
    const stream = await test.forge.bundle(other)
    assert.ok(stream)
    const [error] = (await once(stream.resume(), 'error')) as [Error]
    assert.ok(error instanceof Inconclusive)
  })

  it('go with their player, twice without harm', async () => {
    const other = { slug: 'dawa', name: 'torn-map' }
    await test.forge.ensure(other, starter)
    await test.forge.remove('dawa')
    await test.forge.remove('dawa')
    assert.equal(await test.forge.has(other), false)
    assert.equal(existsSync(join(test.root, 'dawa')), false)
  })
})
