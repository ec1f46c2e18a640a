import type { Log } from './log.ts'

/** Goes through rows again and again, in a process that looks after them from time to time. */
export interface Rounds<Row> {
  /**
   * Does the work for each row, in order. One that throws holds up none of the others: it is logged, and left out for a while,
   * longer each time. How many threw.
   */
  each(rows: Iterable<Row>, work: (row: Row) => Promise<unknown>): Promise<number>
}

interface Options<Row> {
  log: Log
  /** One row, for the log, such as `a push that was cut off`. */
  what: string
  /** Tells rows apart from one round to the next; it stands in the log, so that it holds no name. */
  keyOf: (row: Row) => string
  /** How long a row is left out after it threw for the first time; each further time doubles it. */
  firstMs?: number
  longestMs?: number
  /** What no row is to blame for, such as a database that is away: it ends the round. */
  ends?: (error: unknown) => boolean
}

export function createRounds<Row>({
  log,
  what,
  keyOf,
  firstMs = 5_000,
  longestMs = 600_000,
  ends = () => false,
}: Options<Row>): Rounds<Row> {
  const bad = new Map<string, { tries: number; until: number }>()
  const forgetOld = (now: number) => {
    for (const [key, { until }] of bad) if (until + longestMs < now) bad.delete(key)
  }
  return {
    async each(rows, work) {
      let failed = 0
      forgetOld(performance.now())
      for (const row of rows) {
        const key = keyOf(row)
        const before = bad.get(key)
        if (before && before.until > performance.now()) continue
        try {
          await work(row)
          bad.delete(key)
        } catch (error) {
          if (ends(error)) throw error
          failed += 1
          const tries = (before?.tries ?? 0) + 1
          const pauseMs = Math.min(firstMs * 2 ** (tries - 1), longestMs)
          bad.set(key, { tries, until: performance.now() + pauseMs })
          log.warn({ err: error, key, tries }, `${what} is in trouble; the others go on, it is tried again`)
        }
      }
      return failed
    },
  }
}

/**
 * Does the work for each, whatever comes of the others, then throws what the first of them threw. `mostInARow`: after so many
 * that failed one after the other it is not about them, and the rest is not waited for.
 */
export async function forAll<Row>(
  rows: Iterable<Row>,
  work: (row: Row) => Promise<unknown>,
  { mostInARow = Infinity } = {},
): Promise<void> {
  const errors: unknown[] = []
  let inARow = 0
  for (const row of rows) {
    if (inARow >= mostInARow) break
    try {
      await work(row)
      inARow = 0
    } catch (error) {
      errors.push(error)
      inARow += 1
    }
  }
  if (errors.length > 0) throw errors[0]
}
