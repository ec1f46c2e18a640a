import type { Log } from '../lib/log.ts'
import type { Dispatch, Job } from './types.ts'

interface MemoryOptions {
  name: string
  concurrency: number
  log: Log
}

interface Queue extends MemoryOptions {
  /** What waits, by lane; the lane whose turn it is comes first. */
  lanes: Map<string, Job[]>
  /** Every job that was pushed and has not ended. */
  known: Set<string>
  /** Of jobs whose time has not come. */
  timers: Set<NodeJS.Timeout>
  active: Set<Promise<void>>
  handler: ((job: Job) => Promise<void>) | undefined
  closed: boolean
}

/**
 * Dispatch within the process. Lanes take turns, so that one player's hundred jobs hold another's single one
 * up by one turn only. Nothing is lost with the process: the rows refill it at the next start.
 */
export function createMemoryDispatch(options: MemoryOptions): Dispatch {
  const queue: Queue = {
    ...options,
    lanes: new Map(),
    known: new Set(),
    timers: new Set(),
    active: new Set(),
    handler: undefined,
    closed: false,
  }
  return {
    name: options.name,
    push(job, { delayMs = 0 } = {}) {
      push(queue, job, delayMs)
      return Promise.resolve()
    },
    work(given) {
      if (queue.handler) throw new Error('this dispatch has a handler already')
      queue.handler = given
      turn(queue)
    },
    counts: () =>
      Promise.resolve({ waiting: queue.known.size - queue.active.size, running: queue.active.size }),
    async close() {
      queue.closed = true
      for (const timer of queue.timers) clearTimeout(timer)
      await Promise.allSettled(queue.active)
    },
  }
}

function push(queue: Queue, job: Job, delayMs: number): void {
  const { closed, known, timers } = queue
  if (closed || known.has(keyOf(job))) return
  known.add(keyOf(job))
  if (delayMs <= 0) {
    enqueue(queue, job)
    return
  }
  const timer = setTimeout(() => {
    timers.delete(timer)
    enqueue(queue, job)
  }, delayMs)
  timers.add(timer)
}

function enqueue(queue: Queue, job: Job): void {
  const jobs = queue.lanes.get(job.lane)
  if (jobs) jobs.push(job)
  else queue.lanes.set(job.lane, [job])
  turn(queue)
}

/** Begins as many jobs as may run at once. */
function turn(queue: Queue): void {
  const { active, known, concurrency } = queue
  while (queue.handler && !queue.closed && active.size < concurrency) {
    const job = take(queue.lanes)
    if (!job) return
    // Begun only once it is counted: a handler that pushes at once must not get a place of its own.
    const done = Promise.resolve()
      .then(() => run(queue, job))
      .finally(() => {
        active.delete(done)
        known.delete(keyOf(job))
        turn(queue)
      })
    active.add(done)
  }
}

function take(lanes: Queue['lanes']): Job | undefined {
  const [next] = lanes
  if (!next) return undefined
  const [lane, jobs] = next
  const job = jobs.shift()
  // Behind the others again, or away when nothing is left.
  lanes.delete(lane)
  if (jobs.length > 0) lanes.set(lane, jobs)
  return job
}

async function run({ handler, log, name }: Queue, job: Job): Promise<void> {
  try {
    await handler?.(job)
  } catch (error) {
    log.error({ err: error, queue: name, job: job.id }, 'a job failed')
  }
}

function keyOf(job: Job): string {
  return `${job.id}-${job.attempt}`
}
