import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ForgeLimits } from '../../../src/board/forge/limits.ts'
import { asTara, leftOf, makeBombs, push, throwBomb } from '../../helpers/forge-attacks.ts'
import { cloneOf, smallStarter, startForge } from '../../helpers/forge.ts'
import type { TestRepository } from '../../helpers/repository.ts'

let bombs: TestRepository
before(() => (bombs = makeBombs()))
after(() => bombs.remove())

describe('with smaller limits, a push', () => {
  const startWith = async (limits: Partial<ForgeLimits>) => {
    const test = await startForge({ starter: smallStarter(), limits })
    return { test, clone: await cloneOf(test) }
  }

  it('over the quota of its repository is refused, while deleting goes on', async () => {
    const { test, clone } = await startWith({ quotaBytes: 3 * 2 ** 20 })
    await test.client.commit(clone, { a: randomBytes(2 ** 21) })
    assert.equal((await push(test, clone, 'HEAD:refs/heads/a')).code, 0)
    await test.client.commit(clone, { b: randomBytes(2 ** 21) })
    const { code, err } = await push(test, clone, 'HEAD:refs/heads/b')
    assert.notEqual(code, 0)
    assert.match(err, /remote: error: this repository would take 4 MiB; it may take 3 MiB/)
    assert.equal((await push(test, clone, ':refs/heads/a')).code, 0)
    await test.close()
  })

  it('that unpacks to too much in many files is refused', async () => {
    const { test, clone } = await startWith({ unpackedBytes: 2 ** 20 })
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [`f${n}`, `${n}${'x'.repeat(100_000)}`]),
    )
    await test.client.commit(clone, files)
    assert.match(
      (await push(test, clone, 'main')).err,
      /remote: error: the push unpacks to 1 MiB; 1 MiB are taken/,
    )
    await test.close()
  })

  for (const [what, limits] of [
    ['that takes too long', { wallSeconds: 1 }],
    ['that computes too long', { cpuSeconds: 1 }],
  ] as const)
    it(`${what} is stopped, in a sentence, and nothing is left of it`, async () => {
      const { test } = await startWith({ ...limits, pushBytes: 50 * 2 ** 20 })
      const { code, err } = await throwBomb(test, bombs, 'big')
      assert.notEqual(code, 0)
      assert.match(err, /remote: error: this push was not taken in: it was too much work for this server/)
      assert.match(err, /remote: hint: push less at once/)
      assert.doesNotMatch(err, /SIGKILL/)
      assert.deepEqual(leftOf(test), [])
      assert.equal(test.told.unmoved.length, 1)
      await test.close()
    })

  it('is taken in also where bounds cannot be set, since lower ones are in force', () => {
    const script =
      'import { startGit } from "./src/board/forge/serve-process.ts"; import { defaultLimits } from "./src/board/forge/limits.ts"; const git = startGit(process.argv[1], ["version"], defaultLimits); git.child.stdout.pipe(process.stdout); console.log(await git.done)'
    const args = [
      '-c',
      'ulimit -t 20; exec "$@"',
      'sh',
      process.execPath,
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      script,
      process.cwd(),
    ]
    assert.match(execFileSync('/bin/sh', args, { encoding: 'utf8' }), /git version/)
  })

  it('waits for its turn behind the same player’s others, and too many are sent away', async () => {
    const { test } = await startWith({ perPlayer: 1, waiting: 2 })
    const pushing = test.hooks.pushing.bind(test.hooks)
    let go: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (go = resolve))
    let asked = false
    test.hooks.pushing = async (...given) => {
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
      })
    while (!isAsked()) await sleep(20)
    const three = [list(), list(), list()]
    const quick = await Promise.race(three)
    assert.equal(quick.status, 429)
    go()
    assert.deepEqual((await Promise.all(three)).map(({ status }) => status).sort(), [200, 200, 429])
    assert.equal((await first).code, 0)
    await test.close()
  })
})
