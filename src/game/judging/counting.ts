import { createHash } from 'node:crypto'
import type { Challenge } from '../../core/challenge.ts'
import { fromStart, whenRunning, type Pause, type Window } from '../../core/window.ts'
import type { Sql } from '../../db/client.ts'
import { noteSightings, type Sighting } from '../../db/sightings.ts'
import type { Outcome } from './look.ts'

/** Since when each check that reads live has been seen to pass as it does now; keeps what this look saw. */
export async function seenSince(
  sql: Sql,
  playerId: string,
  challenge: Challenge,
  outcome: Outcome,
): Promise<Date[]> {
  return await noteSightings(sql, { playerId, challengeId: challenge.id }, sightingsIn(challenge, outcome))
}

/**
 * What was sent counts from its receipt, what is read live from the first look that saw it, or from when the hunt went on after that;
 * of both, the later.
 */
export function countsFrom(
  receivedAt: Date,
  { sights }: Outcome,
  since: readonly Date[],
  { window, pauses }: { window: Window; pauses: readonly Pause[] },
): Date {
  const isSent = sights.some(({ live }) => !live)
  const seen = since.map((at) => whenRunning(window, pauses, at))
  const sent = isSent || since.length === 0 ? [fromStart(window, receivedAt)] : []
  return new Date(Math.max(...[...seen, ...sent].map((time) => time.getTime())))
}

function sightingsIn(challenge: Challenge, { results, sights }: Outcome): Sighting[] {
  return sights.flatMap(({ live, looked, pending, made, at }, position) => {
    if (!live || !looked) return []
    const passes = results[position]?.verdict === 'passed' && !pending
    return [{ position, state: passes ? stateOf(challenge, position, made) : null, at }]
  })
}

/** Of another version of the check, nothing was seen yet. */
function stateOf({ checks }: Challenge, position: number, made: string): Buffer {
  const { kind, spec, expect } = checks[position] ?? {}
  const asked = [kind, spec, expect?.map(({ that }) => that)]
  return createHash('sha256')
    .update(JSON.stringify([asked, made]))
    .digest()
}
