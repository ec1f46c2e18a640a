import type { Request } from 'express'
import { LRUCache } from 'lru-cache'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config.ts'
import { skeletonOf } from '../../core/names.ts'
import { Refusal } from '../../lib/errors.ts'
import { addressOf } from './limits.ts'

/**
 * Bounds how often passwords, codes and tokens are guessed, in this process and within a minute. Only what was wrong counts. An
 * account is counted for each address by itself, so that nobody elsewhere keeps its owner out; names that look alike are one
 * account, whether there is such a one or not.
 */
export interface Guesses {
  /**
   * Runs `look` for a password, which is wrong where it returns null or throws the refusal that says so. Throws the `Refusal` 429
   * `too-many` instead where that was often. Many wrong ones from anywhere make the account slow to log in, and no more.
   */
  password<T>(req: Request, name: string, look: () => Promise<T | null>): Promise<T | null>
  /** The same for the password that is asked again of who is logged in: counts for the same account. */
  current(req: Request, name: string, change: () => Promise<void>): Promise<void>
  /** The same for the code of registration, which is everybody's: more may be wrong from one address. */
  code<T>(req: Request, look: () => Promise<T>): Promise<T>
  /**
   * For a token that has turned out to be wrong: counts, and throws where that was often. A right one needs no leave, since nobody
   * can guess 256 bits: clients that ask a dozen times at once, and a room behind one address, are never held up.
   */
  wrongToken(req: Request, name?: string): void
}

/** So many times what one address may get wrong, an account takes from everywhere before it becomes slow. */
const wide = 10
const slowestMs = 5_000
const wrongCodes: ReadonlySet<string> = new Set(['password-wrong', 'registration-code'])

interface Bound {
  key: string
  most: number
}

export function countGuesses(
  config: Pick<Config, 'limitAccountPerMinute' | 'limitAddressPerMinute'>,
): Guesses {
  const { limitAccountPerMinute: few, limitAddressPerMinute: many } = config
  const tally = createTally()
  const byAddress = (req: Request): Bound => ({ key: `address ${addressOf(req)}`, most: many })
  const byAccount = (req: Request, account: string): Bound => ({
    key: `account ${addressOf(req)} ${account}`,
    most: few,
  })

  const ofAccount = async <T>(req: Request, name: string, look: () => Promise<T>): Promise<T> => {
    const account = accountOf(name)
    const everywhere = `account ${account}`
    const over = tally.wrong(everywhere) - few * wide
    if (over >= 0) await sleep(Math.min(slowestMs, 500 + over * 20))
    return await tally.bound([byAccount(req, account), byAddress(req)], [everywhere], look)
  }
  return {
    password: ofAccount,
    current: ofAccount,
    async code(req, look) {
      return await tally.bound(
        [{ key: `code ${addressOf(req)}`, most: few * wide }, byAddress(req)],
        [],
        look,
      )
    },
    wrongToken(req, name = '') {
      const bounds = name === '' ? [] : [byAccount(req, accountOf(name))]
      for (const { key, most } of [...bounds, byAddress(req)]) {
        tally.add(key)
        tally.mustBeBelow({ key, most: most + 1 })
      }
    },
  }
}

function accountOf(name: string): string {
  return skeletonOf(name.slice(0, 200))
}

/** Counts what was wrong within a minute, by key. Nothing here waits between looking at a count and taking a place below it. */
function createTally() {
  const counts = new LRUCache<string, number>({ max: 100_000, ttl: 60_000, noUpdateTTL: true })
  const underWay = new Map<string, Set<Promise<unknown>>>()
  const wrong = (key: string) => counts.get(key) ?? 0
  const add = (key: string) => void counts.set(key, wrong(key) + 1)

  const mustBeBelow = ({ key, most }: Bound): void => {
    if (wrong(key) < most) return
    const seconds = Math.max(1, Math.ceil(counts.getRemainingTTL(key) / 1000))
    throw new Refusal(429, 'too-many', `That failed often within a minute. Try again in ${seconds} s.`, {
      retryAfter: seconds,
    })
  }
  const fullOf = (bounds: readonly Bound[]): ReadonlySet<Promise<unknown>> | undefined => {
    bounds.forEach(mustBeBelow)
    return bounds
      .map(({ key, most }) => ({ most: most - wrong(key), others: underWay.get(key) }))
      .find(({ most, others }) => others && others.size >= most)?.others
  }
  return {
    wrong,
    add,
    mustBeBelow,
    /**
     * Runs it where every bound has room; what is wrong counts for the bounds and for the other keys. Whoever tries a hundred at
     * once learns no more than one after the other: what is under way may be wrong, too.
     */
    async bound<T>(bounds: readonly Bound[], others: readonly string[], look: () => Promise<T>): Promise<T> {
      for (let full = fullOf(bounds); full; full = fullOf(bounds)) await Promise.race(full)
      const keys = bounds.map(({ key }) => key)
      const looked = judged(look, () => [...keys, ...others].forEach(add))
      const settled = looked.catch(() => undefined)
      for (const key of keys) underWay.set(key, (underWay.get(key) ?? new Set()).add(settled))
      try {
        return await looked
      } finally {
        for (const key of keys) {
          const now = underWay.get(key)
          now?.delete(settled)
          if (now?.size === 0) underWay.delete(key)
        }
      }
    },
  }
}

async function judged<T>(look: () => Promise<T>, whenWrong: () => void): Promise<T> {
  try {
    const found = await look()
    if (found === null) whenWrong()
    return found
  } catch (error) {
    if (error instanceof Refusal && wrongCodes.has(error.code)) whenWrong()
    throw error
  }
}
