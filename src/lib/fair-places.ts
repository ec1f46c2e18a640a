import { Refusal } from './errors.ts'
import { createGate } from './gate.ts'
import { createSpending } from './spending.ts'

/** Lets work of many keys run at the same time, of each key a few pieces, and of one that costs much nothing for a while. */
export interface FairPlaces {
  /** Rejects with a `Refusal` (429) where too much of the key waits, or too much of it ran within a minute. */
  pass<T>(key: string, work: () => Promise<T>): Promise<T>
}

interface Numbers {
  /** Pieces of work that run at once. */
  places: number
  perKey: number
  waitingPerKey: number
  secondsPerMinute: number
}

export function createFairPlaces({ places, perKey, waitingPerKey, secondsPerMinute }: Numbers): FairPlaces {
  const ofKey = createGate(perKey, waitingPerKey)
  const ofAll = createGate(places)
  const spending = createSpending(secondsPerMinute * 1000)
  const timed = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    mustHaveLeft(spending.secondsOver(key))
    const from = performance.now()
    try {
      return await work()
    } finally {
      spending.add(key, performance.now() - from)
    }
  }
  return {
    pass: (key, work) => ofKey.pass(key, () => ofAll.pass('', () => timed(key, work))),
  }
}

function mustHaveLeft(retryAfter: number): void {
  if (retryAfter > 0)
    throw new Refusal(429, 'too-many', `That was much within a minute. Try again in ${retryAfter} s.`, {
      retryAfter,
    })
}
