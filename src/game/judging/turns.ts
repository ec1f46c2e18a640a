import { createHash } from 'node:crypto'
import type { KeptGlance } from '../../db/glances.ts'
import type { CheckKinds } from '../../checks/check.ts'
import type { Outcome } from './look.ts'

/** Of one made thing no more ways are kept: then the oldest is news again. */
const mostTurns = 50

/** What a look saw that may make a submission: what was made, and how the findings stand; '' of a check that could not be looked at. */
export interface Stand {
  made: string[]
  turn: string[]
  /** There is nothing to be seen. */
  isEmpty: boolean
}

/** What a push of commits changes was judged with that push. */
export function standOf(kinds: CheckKinds, { results, sights }: Outcome): Stand {
  const watched = results.flatMap((result, index) => {
    const sight = sights[index]
    return sight && !kinds.get(result.kind)?.needs.includes('forge') ? [{ ...result, ...sight }] : []
  })
  return {
    isEmpty: watched.every(({ evidence }) => evidence.length === 0),
    made: watched.map(({ looked, made }) => (looked ? hashOf(made) : '')),
    turn: watched.map(({ looked, findings }) =>
      looked ? findings.map(({ ok }) => (ok === null ? '?' : ok ? '+' : '-')).join('') : '',
    ),
  }
}

/**
 * Somebody made something else, or a finding stands as it has not since: a status that comes and goes by itself is no news. What could
 * not be looked at now says nothing.
 */
export function isNews({ made, turn }: Stand, kept: KeptGlance): boolean {
  return !fits(made, kept.made) || !kept.turns.some((one) => fits(turn, one.split(' ')))
}

/** What is kept after this look. */
export function merged({ made, turn }: Stand, kept: KeptGlance | null): KeptGlance {
  const last = kept?.made ?? []
  const all = made.map((one, index) => (one === '' ? (last[index] ?? '') : one))
  const before = kept && fits(made, last) ? kept.turns : []
  const own = turn.join(' ')
  return { made: all, turns: [...before.filter((one) => one !== own), own].slice(-mostTurns) }
}

function fits(now: readonly string[], before: readonly string[]): boolean {
  return now.length === before.length && now.every((one, index) => one === '' || one === before[index])
}

function hashOf(made: string): string {
  return createHash('sha256').update(made).digest('base64url')
}
