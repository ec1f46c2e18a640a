import { Inconclusive, PlayerFault } from './errors.ts'

/** Runs work that obeys a signal, and rejects as `Inconclusive` at the deadline even if the work does not. */
export async function withDeadline<T>(
  milliseconds: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // Not AbortSignal.timeout: where only a composed signal knows of one, Node may collect it before it fires.
  const timer = new AbortController()
  const timeout = setTimeout(() => timer.abort(), milliseconds).unref()
  const signal = AbortSignal.any([outer, timer.signal])
  const late = (cause?: unknown) =>
    new Inconclusive(outer.aborted ? 'interrupted' : `no answer within ${milliseconds} ms`, { cause })
  let onAbort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(late())
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work(signal), aborted])
  } catch (error) {
    // Work that obeys the signal may break off in words of its own before the line above is heard.
    throw signal.aborted && !(error instanceof PlayerFault) ? late(error) : error
  } finally {
    clearTimeout(timeout)
    if (onAbort) signal.removeEventListener('abort', onAbort)
    aborted.catch(() => undefined)
  }
}

/** What comes within that time; undefined where it takes longer, and its end is nobody's business any more. */
export async function atMost<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
