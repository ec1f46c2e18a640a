import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { atMost, withDeadline } from '../../src/lib/deadline.ts'
import { Inconclusive, PlayerFault } from '../../src/lib/errors.ts'

const never = new AbortController().signal
// A deadline alone does not keep a process alive, as a server's connections do.
const alive = setInterval(() => undefined, 1000)
after(() => clearInterval(alive))

test('work that is done in time gives its result, and its own failure', async () => {
  assert.equal(await withDeadline(10_000, never, () => Promise.resolve(7)), 7)
  await assert.rejects(
    withDeadline(10_000, never, () => Promise.reject(new TypeError('broken'))),
    TypeError,
  )
})

test('work that never ends is given up, and is nobody’s mistake', async () => {
  await assert.rejects(
    withDeadline(5, never, () => new Promise(() => undefined)),
    (error) => error instanceof Inconclusive && /no answer within 5 ms/.test(error.message),
  )
})

test('work that breaks off because it obeys is nobody’s mistake either', async () => {
  const obeys = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new TypeError('the connection was closed')))
    })
  await assert.rejects(withDeadline(5, never, obeys), Inconclusive)
  const stop = new AbortController()
  const stopped = withDeadline(10_000, stop.signal, obeys)
  stop.abort()
  await assert.rejects(stopped, (error) => error instanceof Inconclusive && error.message === 'interrupted')
})

test('what the player made wrong stays the player’s, also when time is up meanwhile', async () => {
  const stop = new AbortController()
  const work = () => {
    stop.abort()
    return Promise.reject(new PlayerFault('too many files'))
  }
  await assert.rejects(withDeadline(10_000, stop.signal, work), PlayerFault)
})

test('work that never ends is given up also when memory is tidied meanwhile', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const tidying = setInterval(collect, 5)
  t.after(() => clearInterval(tidying))
  const given = withDeadline(100, new AbortController().signal, () => new Promise(() => undefined))
  const outcome = given.catch((error: unknown) => error)
  const late = setTimeout(5_000, 'it is still waited for', { ref: false })
  assert.ok((await Promise.race([outcome, late])) instanceof Inconclusive)
})

test('what is waited for at most so long is gone on without, and may fail unheard later', async () => {
  assert.equal(await atMost(10_000, Promise.resolve(7)), 7)
  await assert.rejects(atMost(10_000, Promise.reject(new TypeError('broken'))), TypeError)
  const unheard: unknown[] = []
  const hear = (error: unknown) => unheard.push(error)
  process.on('unhandledRejection', hear)
  let fail = () => {}
  const slow = new Promise<number>((_, reject) => (fail = () => reject(new TypeError('broken late'))))
  assert.equal(await atMost(5, slow), undefined)
  fail()
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', hear)
  assert.deepEqual(unheard, [])
})
