import type { Sql } from './client.ts'

/** What one look saw of one check that reads live. */
export interface Sighting {
  /** Of the check in its challenge. */
  position: number
  /** Hash of what was seen as it passed; null: it did not pass. */
  state: Buffer | null
  at: Date
}

/**
 * Keeps what a look saw, and gives since when each check that passed has been seen to pass so. A look that saw something
 * else in between begins anew; one that could not look is not given here, and changes nothing.
 */
export async function noteSightings(
  sql: Sql,
  player: { playerId: string; challengeId: string },
  seen: readonly Sighting[],
): Promise<Date[]> {
  const since: Date[] = []
  for (const { position, state, at } of seen) {
    const [row] = await sql<{ since: Date; same: boolean | null }[]>`
      insert into sightings as known (player_id, challenge_id, position, state, since, looked_at)
      values (${player.playerId}, ${player.challengeId}, ${position}, ${state}, ${at}, ${at})
      on conflict (player_id, challenge_id, position) do update set
        since = case when known.state = excluded.state then least(known.since, excluded.since)
          when known.looked_at <= excluded.looked_at then excluded.since else known.since end,
        state = case when known.looked_at <= excluded.looked_at then excluded.state else known.state end,
        looked_at = greatest(known.looked_at, excluded.looked_at)
      returning since, state = ${state}::bytea as same`
    if (state !== null) since.push(row?.same === true && row.since < at ? row.since : at)
  }
  return since
}
