import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '../../src/lib/errors.ts'
import { createFairPlaces } from '../../src/lib/fair-places.ts'
import { createSpending } from '../../src/lib/spending.ts'

test('one key never has all places, and too many that wait are refused', async () => {
  const places = createFairPlaces({ places: 3, perKey: 2, waitingPerKey: 1, secondsPerMinute: 60 })
  let end: () => void = () => undefined
  const held = new Promise<void>((resolve) => (end = resolve))
  const bombs = [1, 2, 3].map(() => places.pass('tara', () => held))
  await assert.rejects(
    places.pass('tara', () => held),
    (error) => error instanceof Refusal && error.status === 429,
  )
  assert.equal(await places.pass('pema', () => Promise.resolve('here')), 'here')
  end()
  await Promise.all(bombs)
})

test('who took more than a minute allows is told when to come again, also after a failure', async () => {
  const places = createFairPlaces({ places: 3, perKey: 2, waitingPerKey: 1, secondsPerMinute: 0.001 })
  const long = () => new Promise<never>((_, reject) => setTimeout(() => reject(new Error('broken')), 30))
  await assert.rejects(places.pass('tara', long), /broken/)
  await assert.rejects(places.pass('tara', long), (error) => {
    assert.ok(error instanceof Refusal)
    assert.equal(error.status, 429)
    assert.ok(Number(error.extra['retryAfter']) > 0)
    return true
  })
  await assert.rejects(places.pass('pema', long), /broken/)
})

test('what was spent flows away within a minute', () => {
  let now = 0
  const spending = createSpending(10, () => now)
  spending.add('a', 15)
  assert.deepEqual([spending.isOver('a'), spending.secondsOver('a')], [true, 30])
  now = 31_000
  assert.deepEqual([spending.isOver('a'), spending.secondsOver('a')], [false, 0])
  now = 90_000
  assert.equal(spending.spent('a'), 0)
  assert.equal(spending.spent('b'), 0)
})
