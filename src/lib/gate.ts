import { Refusal } from './errors.ts'

/** Lets at most so many pieces of work of one key run at the same time; the others wait in their order. */
export interface Gate {
  /** Rejects with a `Refusal` (429) where too many wait already. */
  pass<T>(key: string, work: () => Promise<T>): Promise<T>
}

export function createGate(most: number, mostWaiting = Infinity): Gate {
  const busy = new Map<string, { running: number; waiting: (() => void)[] }>()
  return {
    async pass(key, work) {
      const place = busy.get(key) ?? { running: 0, waiting: [] }
      busy.set(key, place)
      if (place.running < most) place.running += 1
      else if (place.waiting.length >= mostWaiting)
        throw new Refusal(429, 'too-many-at-once', 'Too many requests at once. Try again in a moment.')
      else await new Promise<void>((resolve) => place.waiting.push(resolve))
      try {
        return await work()
      } finally {
        const next = place.waiting.shift()
        // The place is handed on without becoming free, so that nobody slips in between.
        if (next) next()
        else if ((place.running -= 1) === 0) busy.delete(key)
      }
    },
  }
}
