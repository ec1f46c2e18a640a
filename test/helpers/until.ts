import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'

/** A wait that is met costs nothing; on a busy machine of a CI one that is not met tells of the machine, not of the game. */
const patience = process.env.CI === 'true' ? 4 : 1

type There<T> = Exclude<T, null | undefined | false>

/**
 * Looks again and again until there is something and it is as wanted, and returns it; after `seconds`, four times as many in
 * CI, it throws with what was waited for and what was seen last. What a look throws is thrown at once.
 */
export async function until<T>(
  what: string,
  seconds: number,
  look: () => T | Promise<T>,
  wanted: (seen: There<T>) => boolean = () => true,
  everyMs = 50,
): Promise<There<T>> {
  const allowed = seconds * patience
  const end = Date.now() + allowed * 1000
  for (;;) {
    // A look that begins in time counts, however long it takes.
    const isLast = Date.now() > end
    const seen = await look()
    if (isThere(seen) && wanted(seen)) return seen
    if (isLast) {
      const last = inspect(seen, { depth: 8, maxArrayLength: 50, maxStringLength: 2000, breakLength: 120 })
      throw new Error(`waited ${allowed} s for ${what}; seen last: ${last.slice(0, 8000)}`)
    }
    await sleep(everyMs)
  }
}

function isThere<T>(seen: T): seen is There<T> {
  return seen !== null && seen !== undefined && seen !== false
}
