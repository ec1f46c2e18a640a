/** A job carries ids and nothing else; the row in Postgres is the truth. */
export interface Job {
  /** Submission id. */
  id: string
  /** Counts looks at the same submission, so that a queue which refuses known ids still takes a retry. */
  attempt: number
  /** Fairness: lanes (players) take turns. */
  lane: string
}

/** Carries jobs to workers, at least once: handlers must be idempotent. */
export interface Dispatch {
  /** What its jobs are about, such as `submissions`; unique in a server, and the same in all its processes. */
  readonly name: string
  /** A job with the same id and attempt that still waits or runs is not taken twice. */
  push(job: Job, options?: { delayMs?: number }): Promise<void>
  /** Starts working; one handler per dispatch. A handler that throws is logged; the row decides about a retry. */
  work(handler: (job: Job) => Promise<void>): void
  /** Jobs that wait and that run now, for metrics. */
  counts(): Promise<{ waiting: number; running: number }>
  /** Takes no new job and waits for the running ones. */
  close(): Promise<void>
}
