import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { createMemoryDispatch } from '../../src/dispatch/memory.ts'
import type { Dispatch, Job } from '../../src/dispatch/types.ts'
import { silentLog as log } from '../../src/lib/log.ts'

/** Every way to carry jobs; each makes a dispatch with a queue of its own. */
const dispatches: Record<string, (concurrency: number) => Promise<Dispatch>> = {
  memory: (concurrency) => Promise.resolve(createMemoryDispatch({ name: 'tests', concurrency, log })),
}

/** A handler whose jobs begin by themselves and end when the test says so. */
function bench() {
  const begun: Job[] = []
  const ends: (() => void)[] = []
  let watchers: (() => void)[] = []
  const told = async (met: () => boolean) => {
    while (!met()) await new Promise<void>((resolve) => watchers.push(resolve))
  }
  return {
    begun,
    ids: () => begun.map(({ id }) => id),
    handle: async (job: Job): Promise<void> => {
      const ended = new Promise<void>((resolve) => ends.push(resolve))
      begun.push(job)
      const waiting = watchers
      watchers = []
      for (const tell of waiting) tell()
      await ended
    },
    begins: (count: number) => told(() => begun.length >= count),
    end(index: number) {
      const end = ends[index]
      assert.ok(end, `job ${index} has not begun`)
      end()
    },
    endAll() {
      for (const end of ends) end()
    },
  }
}

const job = (id: string, lane = 'tara', attempt = 1): Job => ({ id, lane, attempt })

/** Nothing more happens of itself: a round of the event loop, and of whatever carries the jobs. */
async function settle(): Promise<void> {
  for (let round = 0; round < 5; round += 1) await new Promise((resolve) => setTimeout(resolve, 5))
}

for (const [name, create] of Object.entries(dispatches)) {
  const open = async (context: TestContext, concurrency = 1) => {
    const dispatch = await create(concurrency)
    const work = bench()
    context.after(async () => {
      const closed = dispatch.close()
      work.endAll()
      await closed
    })
    return { dispatch, work }
  }

  describe(`dispatch: ${name}`, () => {
    test('a job that is pushed is run once, with all that it carries', async (context) => {
      const { dispatch, work } = await open(context)
      dispatch.work(work.handle)
      await dispatch.push(job('a', 'tara', 3))
      await work.begins(1)
      work.end(0)
      await settle()
      assert.deepEqual(work.begun, [{ id: 'a', lane: 'tara', attempt: 3 }])
    })

    test('what was pushed before anybody works is run when somebody does', async (context) => {
      const { dispatch, work } = await open(context)
      await dispatch.push(job('early'))
      await settle()
      dispatch.work(work.handle)
      await work.begins(1)
      assert.deepEqual(work.ids(), ['early'])
    })

    test('the same look at a submission that still waits is not taken twice', async (context) => {
      const { dispatch, work } = await open(context)
      await dispatch.push(job('a'))
      await dispatch.push(job('a'))
      assert.deepEqual(await dispatch.counts(), { waiting: 1, running: 0 })
      dispatch.work(work.handle)
      await work.begins(1)
      work.end(0)
      await settle()
      assert.deepEqual(work.ids(), ['a'])
    })

    test('the same look is not taken again while it runs, and once it has ended, it is', async (context) => {
      const { dispatch, work } = await open(context, 2)
      dispatch.work(work.handle)
      await dispatch.push(job('a'))
      await work.begins(1)
      await dispatch.push(job('a'))
      await settle()
      assert.deepEqual(work.ids(), ['a'])
      assert.deepEqual(await dispatch.counts(), { waiting: 0, running: 1 })
      work.end(0)
      await settle()
      await dispatch.push(job('a'))
      await work.begins(2)
    })

    test('another look at a submission is taken beside the first', async (context) => {
      const { dispatch, work } = await open(context, 2)
      await dispatch.push(job('a'))
      await dispatch.push(job('a', 'tara', 2))
      dispatch.work(work.handle)
      await work.begins(2)
      assert.deepEqual(work.begun.map(({ attempt }) => attempt).sort(), [1, 2])
    })

    test('a job may say from within that it is to be looked at again', async (context) => {
      const { dispatch, work } = await open(context)
      dispatch.work(async (given) => {
        if (given.attempt === 1) await dispatch.push({ ...given, attempt: 2 })
        await work.handle(given)
      })
      await dispatch.push(job('a'))
      await work.begins(1)
      work.end(0)
      await work.begins(2)
      assert.deepEqual(
        work.begun.map(({ attempt }) => attempt),
        [1, 2],
      )
    })

    test('a delayed job lets those that came later pass, and then runs', async (context) => {
      const { dispatch, work } = await open(context, 2)
      dispatch.work(work.handle)
      await dispatch.push(job('late'), { delayMs: 100 })
      await dispatch.push(job('soon'))
      await work.begins(2)
      assert.deepEqual(work.ids(), ['soon', 'late'])
    })

    test('a delayed job counts as waiting, and is not taken twice', async (context) => {
      const { dispatch, work } = await open(context)
      dispatch.work(work.handle)
      await dispatch.push(job('late'), { delayMs: 60_000 })
      await dispatch.push(job('late'))
      await settle()
      assert.deepEqual(await dispatch.counts(), { waiting: 1, running: 0 })
      assert.deepEqual(work.ids(), [])
    })

    test('never more jobs run at once than were allowed', async (context) => {
      const { dispatch, work } = await open(context, 2)
      dispatch.work(work.handle)
      for (const id of ['a', 'b', 'c', 'd']) await dispatch.push(job(id, id))
      await work.begins(2)
      await settle()
      assert.deepEqual(await dispatch.counts(), { waiting: 2, running: 2 })
      work.end(0)
      await work.begins(3)
      await settle()
      assert.equal(work.begun.length, 3)
    })

    test('one player’s hundred submissions hold another’s single one up by two at most', async (context) => {
      const { dispatch, work } = await open(context)
      dispatch.work(work.handle)
      for (let number = 0; number < 100; number += 1) await dispatch.push(job(`a${number}`, 'tara'))
      await work.begins(1)
      await dispatch.push(job('b', 'pema'))
      for (let ended = 0; ended < 2; ended += 1) {
        work.end(ended)
        await work.begins(ended + 2)
      }
      assert.ok(work.ids().includes('b'), `ran ${work.ids().join(', ')}`)
    })

    test('jobs of one player run in the order in which they came', async (context) => {
      const { dispatch, work } = await open(context)
      for (const id of ['a', 'b', 'c']) await dispatch.push(job(id))
      dispatch.work(work.handle)
      for (let index = 0; index < 3; index += 1) {
        await work.begins(index + 1)
        work.end(index)
      }
      assert.deepEqual(work.ids(), ['a', 'b', 'c'])
    })

    test('a job that throws does not stop the others', async (context) => {
      const { dispatch, work } = await open(context)
      dispatch.work(async (given) => {
        if (given.id === 'bad') throw new Error('this job is broken')
        await work.handle(given)
      })
      await dispatch.push(job('bad'))
      await dispatch.push(job('good'))
      await work.begins(1)
      assert.deepEqual(work.ids(), ['good'])
      assert.equal((await dispatch.counts()).running, 1)
    })

    test('closing waits for what runs, and begins nothing more', async (context) => {
      const { dispatch, work } = await open(context)
      dispatch.work(work.handle)
      await dispatch.push(job('a'))
      await dispatch.push(job('b'))
      await work.begins(1)
      let closed = false
      const closing = dispatch.close().then(() => (closed = true))
      await settle()
      assert.equal(closed, false)
      work.end(0)
      await closing
      await settle()
      assert.deepEqual(work.ids(), ['a'])
    })

    test('a second handler is refused', async (context) => {
      const { dispatch, work } = await open(context)
      dispatch.work(work.handle)
      assert.throws(() => dispatch.work(work.handle), /handler/)
    })
  })
}
