import type { Request } from 'express'
import { MemoryStore } from 'express-rate-limit'
import type { Config } from '../../config.ts'
import { Refusal } from '../../lib/errors.ts'
import { addressOf } from './limits.ts'

type Numbers = Pick<Config, 'limitAccountPerMinute' | 'limitAddressPerMinute'>

/**
 * Counts the log-ins that fail, for clients that log in with every request: one push asks for a dozen tokens. Accounts are
 * counted for each address, so that nobody can keep another from logging in.
 */
export interface FailedLogIns {
  /** Throws the `Refusal` 429 `too-many` where there were too many within a minute. */
  check(req: Request, account: string): Promise<void>
  add(req: Request, account: string): Promise<void>
}

export function countFailedLogIns(config: Numbers): FailedLogIns {
  const store = new MemoryStore()
  store.init({ windowMs: 60_000 } as Parameters<MemoryStore['init']>[0])
  const keysOf = (req: Request, account: string): [string, number][] => {
    const address = addressOf(req)
    return [
      [`account ${address} ${account.slice(0, 100)}`, config.limitAccountPerMinute],
      [`address ${address}`, config.limitAddressPerMinute],
    ]
  }
  return {
    async check(req, account) {
      for (const [key, most] of keysOf(req, account)) {
        const known = await store.get(key)
        if (!known || known.totalHits < most) continue
        const seconds = Math.max(1, Math.ceil(((known.resetTime?.getTime() ?? 0) - Date.now()) / 1000))
        throw new Refusal(429, 'too-many', `That failed often within a minute. Try again in ${seconds} s.`, {
          retryAfter: seconds,
        })
      }
    },
    async add(req, account) {
      for (const [key] of keysOf(req, account)) await store.increment(key)
    },
  }
}
