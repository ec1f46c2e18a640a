import { Inconclusive, PlayerFault } from './errors.ts'

/**
 * Aborts after that time, as `AbortSignal.timeout` does, whose signals Node may collect as garbage before they fire where only a
 * composed signal knows of them. Does not keep the process alive.
 */
export function timeoutSignal(milliseconds: number): AbortSignal {
  const controller = new AbortController()
  const late = () => controller.abort(new DOMException('It took too long.', 'TimeoutError'))
  setTimeout(late, milliseconds).unref()
  return controller.signal
}

/**
 * Runs work that obeys a signal, and rejects as `Inconclusive` at the deadline even if the work does not. `outer` stops it
 * before; null where nobody would.
 */
export async function withDeadline<T>(
  milliseconds: number,
  outer: AbortSignal | null,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.any([...(outer ? [outer] : []), timeoutSignal(milliseconds)])
  const late = (cause?: unknown) =>
    new Inconclusive(outer?.aborted ? 'interrupted' : `no answer within ${milliseconds} ms`, { cause })
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
