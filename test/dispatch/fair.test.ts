import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createMemoryDispatch, type Fairness } from '../../src/dispatch/memory.ts'
import type { Job } from '../../src/dispatch/types.ts'
import { silentLog as log } from '../../src/lib/log.ts'
import { until } from '../helpers/until.ts'

/** A dispatch whose jobs end when the test says so. */
function open(context: TestContext, concurrency: number, fair: Fairness) {
  const dispatch = createMemoryDispatch({ name: 'tests', concurrency, fair, log })
  const running = new Map<string, () => void>()
  const begun: string[] = []
  dispatch.work(async ({ id }: Job) => {
    begun.push(id)
    await new Promise<void>((resolve) => running.set(id, resolve))
    running.delete(id)
  })
  const end = (id: string) => running.get(id)?.()
  context.after(async () => {
    const closed = dispatch.close()
    for (const id of running.keys()) end(id)
    await closed
  })
  const push = (id: string, lane: string) => dispatch.push({ id, lane, attempt: 1 })
  const begins = (id: string) => until(`${id} to begin`, 20, () => begun.includes(id))
  return { push, begins, end, begun }
}

const unhurried = { secondsPerMinute: 600, slowMs: 600_000 }

test('a player whose jobs have all places does not make another wait', async (context) => {
  const { push, begins } = open(context, 2, unhurried)
  await push('a1', 'tara')
  await push('a2', 'tara')
  await begins('a2')
  await push('b', 'pema')
  await begins('b')
})

test('two players who have all places with quick jobs make a third wait for a place', async (context) => {
  const { push, begins, end, begun } = open(context, 2, unhurried)
  await push('a', 'tara')
  await push('b', 'milo')
  await begins('b')
  await push('c', 'pema')
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.deepEqual(begun, ['a', 'b'])
  end('a')
  await begins('c')
})

test('six players with jobs that do not end hold an honest one up for a moment only', async (context) => {
  const { push, begins } = open(context, 2, { secondsPerMinute: 600, slowMs: 20 })
  for (let number = 0; number < 6; number += 1) await push(`bomb${number}`, `bomber${number}`)
  await push('honest', 'pema')
  await begins('honest')
})

test('whoever took much of the last minute has half of the places at most, and comes last', async (context) => {
  const { push, begins, end, begun } = open(context, 2, { secondsPerMinute: 0.02, slowMs: 600_000 })
  for (const lane of ['x', 'y']) await push(`${lane}1`, lane)
  await begins('y1')
  await new Promise((resolve) => setTimeout(resolve, 200))
  for (const lane of ['x', 'y']) {
    await push(`${lane}2`, lane)
    await push(`${lane}3`, lane)
  }
  end('x1')
  end('y1')
  await begins('x2')
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.ok(!begun.includes('y2'), begun.join(' '))
  await push('c', 'pema')
  await begins('c')
})
