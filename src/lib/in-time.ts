import { createContext, runInContext } from 'node:vm'

const context = createContext({ work: (): unknown => undefined })

/** Work that took longer than it may. */
export class TooSlow extends Error {
  override name = 'TooSlow'
}

/** Does work that never waits, and breaks it off after that time, whatever loop it is in. Throws `TooSlow`. */
export function inTime<T>(milliseconds: number, work: () => T): T {
  const before = context['work'] as unknown
  context['work'] = work
  try {
    return runInContext('work()', context, { timeout: milliseconds }) as T
  } catch (error) {
    // Where one stands in another, the error is of the context, and no Error of ours.
    if ((error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      throw new TooSlow(`this takes longer than ${milliseconds / 1000} s: make it simpler`, { cause: error })
    throw error
  } finally {
    context['work'] = before
  }
}
