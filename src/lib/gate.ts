/** Lets at most so many pieces of work of one key run at the same time; the others wait in their order. */
export interface Gate {
  pass<T>(key: string, work: () => Promise<T>): Promise<T>
}

export function createGate(most: number): Gate {
  const busy = new Map<string, { running: number; waiting: (() => void)[] }>()
  return {
    async pass(key, work) {
      const place = busy.get(key) ?? { running: 0, waiting: [] }
      busy.set(key, place)
      if (place.running >= most) await new Promise<void>((resolve) => place.waiting.push(resolve))
      else place.running += 1
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
