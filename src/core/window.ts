import type { HuntFile } from './hunt.ts'

/** When the hunt runs. A missing end means that the hunt does not end by itself. */
export interface Window {
  start: Date | null
  end: Date | null
  /** From here on the public leaderboard stands still, until the organizers lift it. */
  freeze: Date | null
}

/** The desk's word over hunt.yaml; null says "none", absence says "as in the file". */
export interface WindowOverrides {
  start?: string | null
  end?: string | null
  freeze?: string | null
}

export type Phase = 'before' | 'running' | 'after'

export function windowOf(
  file: Pick<HuntFile, 'start' | 'end' | 'freeze'>,
  overrides: WindowOverrides,
): Window {
  const date = (override: string | null | undefined, value: string | undefined) => {
    const chosen = override === undefined ? value : override
    return chosen ? new Date(chosen) : null
  }
  return {
    start: date(overrides.start, file.start),
    end: date(overrides.end, file.end),
    freeze: date(overrides.freeze, file.freeze),
  }
}

/** The start belongs to the hunt, the end does not. */
export function phaseAt(window: Window, at: Date): Phase {
  if (window.start && at < window.start) return 'before'
  return window.end && at >= window.end ? 'after' : 'running'
}

/** While the hunt stood still. */
export interface Pause {
  from: Date
  until: Date
}

/** What came before the start counts from the start. */
export function fromStart({ start }: Window, at: Date): Date {
  return start && at < start ? start : at
}

/** What was seen before the start or during a pause counts from when the hunt ran. */
export function whenRunning(window: Window, pauses: readonly Pause[], at: Date): Date {
  const since = fromStart(window, at)
  return pauses.find(({ from, until }) => since >= from && since < until)?.until ?? since
}

/** A solve counts when it was received, or first seen, while the hunt ran. */
export function counts(window: Window, from: Date): boolean {
  return phaseAt(window, from) === 'running'
}

/** Also after the end: what happened last is for the organizers to show, in a ceremony perhaps. */
export function frozenAt(window: Window, at: Date): boolean {
  return window.freeze !== null && at >= window.freeze
}
