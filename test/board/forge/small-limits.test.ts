import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, afterEach, before, describe, it } from 'node:test'
import type { ForgeLimits } from '../../../src/board/forge/limits.ts'
import { asTara, leftOf, makeBombs, push, throwBomb } from '../../helpers/forge-attacks.ts'
import { cloneOf, smallStarter, startForge, type TestForge } from '../../helpers/forge.ts'
import type { TestRepository } from '../../helpers/repository.ts'
import { until } from '../../helpers/until.ts'

let bombs: TestRepository
before(() => (bombs = makeBombs()))
after(() => bombs.remove())

describe('with smaller limits, a push', () => {
  let test: TestForge
  afterEach(() => test.close())
  const startWith = async (limits: Partial<ForgeLimits>) => {
    test = await startForge({ starter: smallStarter(), limits })
    return await cloneOf(test)
  }

  it('over the quota of its repository is refused, while deleting goes on', async () => {
    const clone = await startWith({ quotaBytes: 3 * 2 ** 20 })
    await test.client.commit(clone, { a: randomBytes(2 ** 21) })
    assert.equal((await push(test, clone, 'HEAD:refs/heads/a')).code, 0)
    await test.client.commit(clone, { b: randomBytes(2 ** 21) })
    const { code, err } = await push(test, clone, 'HEAD:refs/heads/b')
    assert.notEqual(code, 0)
    assert.match(err, /remote: error: this repository would take 4 MiB; it may take 3 MiB/)
    assert.equal((await push(test, clone, ':refs/heads/a')).code, 0)
  })

  it('that unpacks to too much in many files is refused', async () => {
    const clone = await startWith({ unpackedBytes: 2 ** 20 })
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [`f${n}`, `${n}${'x'.repeat(100_000)}`]),
    )
    await test.client.commit(clone, files)
    assert.match(
      (await push(test, clone, 'main')).err,
      /remote: error: the push unpacks to 1 MiB; 1 MiB are taken/,
    )
  })

  for (const [what, limits] of [
    ['that takes too long', { wallSeconds: 1 }],
    ['that computes too long', { cpuSeconds: 1 }],
  ] as const)
    it(`${what} is stopped, in a sentence, and nothing is left of it`, async () => {
      await startWith({ ...limits, pushBytes: 50 * 2 ** 20 })
      const { code, err } = await throwBomb(test, bombs, 'big')
      assert.notEqual(code, 0)
      assert.match(err, /remote: error: this push was not taken in: it was too much work for this server/)
      assert.match(err, /remote: hint: push less at once/)
      assert.doesNotMatch(err, /SIGKILL/)
      assert.deepEqual(leftOf(test), [])
      assert.equal(test.told.unmoved.length, 1)
    })

  it('is taken in also where a bound cannot be set', async () => {
    // No shell takes this number, as macOS takes none for the address space, and nobody may raise what is lower already.
    const clone = await startWith({ memoryBytes: 2 ** 90 })
    await test.client.commit(clone, { bound: '1' })
    const { code, err } = await push(test, clone, 'main')
    assert.equal(code, 0, err)
  })

  it('waits for its turn behind the same player’s others, and too many are sent away', async () => {
    await startWith({ perPlayer: 1, waiting: 2 })
    const pushing = test.receiver.pushing.bind(test.receiver)
    let go: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (go = resolve))
    let asked = false
    test.receiver.pushing = async (...given) => {
      asked = true
      await gate
      return await pushing(...given)
    }
    const isAsked = () => asked
    const clone = await cloneOf(test, 'gated')
    await test.client.commit(clone, { gate: '1' })
    const first = push(test, clone, 'main')
    const list = () =>
      fetch(`http://127.0.0.1:${test.port}/git/tara/torn-map.git/info/refs?service=git-upload-pack`, {
        headers: { Authorization: asTara },
        signal: AbortSignal.timeout(30_000),
      })
    await until('the game to be asked', 60, isAsked)
    const three = [list(), list(), list()]
    const quick = await Promise.race(three)
    assert.equal(quick.status, 429)
    go()
    assert.deepEqual((await Promise.all(three)).map(({ status }) => status).sort(), [200, 200, 429])
    assert.equal((await first).code, 0)
  })
})
