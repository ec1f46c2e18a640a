import type { Log } from '../lib/log.ts'
import type { Dispatch, Job } from './types.ts'

/**
 * Dispatch within the process. Lanes take turns, so that one player's hundred jobs hold another's single one
 * up by one turn only. Nothing is lost with the process: the rows refill it at the next start.
 */
export function createMemoryDispatch(options: { name: string; concurrency: number; log: Log }): Dispatch {
  const lanes = new Map<string, Job[]>()
  const known = new Set<string>()
  const timers = new Set<NodeJS.Timeout>()
  const active = new Set<Promise<void>>()
  let handler: ((job: Job) => Promise<void>) | undefined
  let closed = false

  const keyOf = (job: Job) => `${job.id}-${job.attempt}`

  const take = (): Job | undefined => {
    const [next] = lanes
    if (!next) return undefined
    const [lane, jobs] = next
    const job = jobs.shift()
    // Behind the others again, or away when nothing is left.
    lanes.delete(lane)
    if (jobs.length > 0) lanes.set(lane, jobs)
    return job
  }

  const run = async (job: Job) => {
    try {
      await handler?.(job)
    } catch (error) {
      options.log.error({ err: error, queue: options.name, job: job.id }, 'a job failed')
    }
  }

  const turn = () => {
    while (handler && !closed && active.size < options.concurrency) {
      const job = take()
      if (!job) return
      // Begun only once it is counted: a handler that pushes at once must not get a place of its own.
      const done = Promise.resolve()
        .then(() => run(job))
        .finally(() => {
          active.delete(done)
          known.delete(keyOf(job))
          turn()
        })
      active.add(done)
    }
  }

  const enqueue = (job: Job) => {
    const jobs = lanes.get(job.lane)
    if (jobs) jobs.push(job)
    else lanes.set(job.lane, [job])
    turn()
  }

  return {
    name: options.name,
    push(job, { delayMs = 0 } = {}) {
      if (closed || known.has(keyOf(job))) return Promise.resolve()
      known.add(keyOf(job))
      if (delayMs <= 0) enqueue(job)
      else {
        const timer = setTimeout(() => {
          timers.delete(timer)
          enqueue(job)
        }, delayMs)
        timers.add(timer)
      }
      return Promise.resolve()
    },
    work(given) {
      if (handler) throw new Error('this dispatch has a handler already')
      handler = given
      turn()
    },
    counts: () => Promise.resolve({ waiting: known.size - active.size, running: active.size }),
    async close() {
      closed = true
      for (const timer of timers) clearTimeout(timer)
      await Promise.allSettled(active)
    },
  }
}
