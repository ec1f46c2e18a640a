import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'

type There<T> = Exclude<T, null | undefined | false>

/**
 * Looks again and again until there is something and it is as wanted, and returns it; after `seconds` it throws with what was
 * waited for and what was seen last. What a look throws is thrown at once.
 */
export async function until<T>(
  what: string,
  seconds: number,
  look: () => T | Promise<T>,
  wanted: (seen: There<T>) => boolean = () => true,
  everyMs = 50,
): Promise<There<T>> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    // A look that begins in time counts, however long it takes.
    const isLast = Date.now() > end
    const seen = await look()
    if (isThere(seen) && wanted(seen)) return seen
    if (isLast) {
      const last = inspect(seen, { depth: 8, maxArrayLength: 50, maxStringLength: 2000, breakLength: 120 })
      throw new Error(`waited ${seconds} s for ${what}; seen last: ${last.slice(0, 8000)}`)
    }
    await sleep(everyMs)
  }
}

function isThere<T>(seen: T): seen is There<T> {
  return seen !== null && seen !== undefined && seen !== false
}
