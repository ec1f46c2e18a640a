import type { Evidence } from '../core/verdict.ts'
import { PlayerFault } from '../lib/errors.ts'

const evidence = new WeakMap<PlayerFault, Evidence[]>()

/** Does `work`. Where what was `seen` turns out to be unreadable, the fault keeps what it is about: it is something, not nothing. */
export async function seeing<T>(seen: readonly Evidence[], work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof PlayerFault && !evidence.has(error)) evidence.set(error, [...seen])
    throw error
  }
}

/** What a fault is about; empty where nothing was seen. */
export function evidenceIn(fault: PlayerFault): Evidence[] {
  return evidence.get(fault) ?? []
}
