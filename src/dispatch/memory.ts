import type { Log } from '../lib/log.ts'
import { createSpending, type Spending } from '../lib/spending.ts'
import type { Dispatch, Job } from './types.ts'

interface MemoryOptions {
  name: string
  concurrency: number
  log: Log
  /** When said, what a lane takes of a minute bounds what it may take next, and a slow job makes nobody else wait for long. */
  fair?: Fairness
}

export interface Fairness {
  /** Of places, within a minute; a lane above it stands behind the others, and never has more than half of the places. */
  secondsPerMinute: number
  /** A job that takes longer holds up no lane that has none running: that one gets a place beside. */
  slowMs: number
}

interface Running {
  lane: string
  since: number
  /** Wakes the others when it becomes slow. */
  timer: NodeJS.Timeout | undefined
}

interface Queue extends MemoryOptions {
  /** What waits, by lane; the lane whose turn it is comes first. */
  lanes: Map<string, Job[]>
  /** Every job that was pushed and has not ended. */
  known: Set<string>
  /** Of jobs whose time has not come. */
  timers: Set<NodeJS.Timeout>
  active: Set<Promise<void>>
  running: Set<Running>
  spending: Spending
  handler: ((job: Job) => Promise<void>) | undefined
  closed: boolean
}

/** Places beside the ordinary ones, for those whom slow jobs hold up. */
const placesBeside = 8

/**
 * Dispatch within the process. Lanes take turns, so that one player's hundred jobs hold another's single one
 * up by one turn only, and no lane holds all places while another waits. Nothing is lost with the process: the rows refill it at
 * the next start.
 */
export function createMemoryDispatch(options: MemoryOptions): Dispatch {
  const queue: Queue = {
    ...options,
    lanes: new Map(),
    known: new Set(),
    timers: new Set(),
    active: new Set(),
    running: new Set(),
    spending: createSpending((options.fair?.secondsPerMinute ?? Infinity) * 1000),
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
  while (queue.handler && !queue.closed) {
    const job = take(queue)
    if (!job) return
    begin(queue, job)
  }
}

function begin(queue: Queue, job: Job): void {
  const { active, running, known, spending, fair } = queue
  const one: Running = { lane: job.lane, since: performance.now(), timer: undefined }
  if (fair) one.timer = setTimeout(() => turn(queue), fair.slowMs + 1).unref()
  running.add(one)
  // Begun only once it is counted: a handler that pushes at once must not get a place of its own.
  const done = Promise.resolve()
    .then(() => run(queue, job))
    .finally(() => {
      clearTimeout(one.timer)
      if (fair) spending.add(one.lane, performance.now() - one.since)
      running.delete(one)
      active.delete(done)
      known.delete(keyOf(job))
      turn(queue)
    })
  active.add(done)
}

/** The next job of the lane whose turn it is among those that may begin one; lanes that cost much come last. */
function take(queue: Queue): Job | undefined {
  const { lanes } = queue
  const waiting = [...lanes.keys()]
  const cheap = waiting.filter((lane) => !isCostly(queue, lane))
  const costly = waiting.filter((lane) => !cheap.includes(lane))
  const lane = [...cheap, ...costly].find((one) => mayBegin(queue, one))
  const jobs = lane === undefined ? undefined : lanes.get(lane)
  if (lane === undefined || !jobs) return undefined
  const job = jobs.shift()
  // Behind the others again, or away when nothing is left.
  lanes.delete(lane)
  if (jobs.length > 0) lanes.set(lane, jobs)
  return job
}

function mayBegin(queue: Queue, lane: string): boolean {
  const { running, concurrency, fair } = queue
  if (!fair) return running.size < concurrency
  const costly = isCostly(queue, lane)
  const most = Math.max(1, Math.floor(concurrency / 2))
  if (costly && [...running].filter((one) => isCostly(queue, one.lane)).length >= most) return false
  if (running.size < concurrency) return true
  const hasNone = ![...running].some((one) => one.lane === lane)
  return !costly && hasNone && running.size < concurrency + placesBeside && held(queue, fair) < concurrency
}

/** Places that nobody else could have: of one lane never all, and none of those whose job is slow. */
function held({ running, concurrency }: Queue, { slowMs }: Fairness): number {
  const ofLanes = new Map<string, number>()
  for (const { lane, since } of running)
    if (performance.now() - since < slowMs) ofLanes.set(lane, (ofLanes.get(lane) ?? 0) + 1)
  const most = Math.max(1, concurrency - 1)
  return [...ofLanes.values()].reduce((sum, count) => sum + Math.min(count, most), 0)
}

/** With what it takes just now. */
function isCostly({ running, spending, fair }: Queue, lane: string): boolean {
  if (!fair) return false
  const now = performance.now()
  const taken = [...running].reduce((sum, one) => sum + (one.lane === lane ? now - one.since : 0), 0)
  return spending.spent(lane) + taken > fair.secondsPerMinute * 1000
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
