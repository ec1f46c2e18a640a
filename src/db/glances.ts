import type { Sql } from './client.ts'

/** What was seen of a player's work on a challenge. */
export interface KeptGlance {
  /** Hashes of what was made, one for each check; none: the next look takes what is there as seen. */
  made: string[]
  /** How the findings stood since then, each way once. */
  turns: string[]
}

/** null before the first look. */
export async function lastGlance(
  sql: Sql,
  playerId: string,
  challengeId: string,
): Promise<KeptGlance | null> {
  const [row] = await sql<KeptGlance[]>`
    select made, turns from glances where player_id = ${playerId} and challenge_id = ${challengeId}`
  return row ?? null
}

export async function keepGlance(
  sql: Sql,
  playerId: string,
  challengeId: string,
  { made, turns }: KeptGlance,
): Promise<void> {
  await sql`
    insert into glances (player_id, challenge_id, made, turns)
    values (${playerId}, ${challengeId}, ${made}::text[], ${turns}::text[])
    on conflict (player_id, challenge_id) do update set made = excluded.made, turns = excluded.turns, at = now()`
}

/** As if nothing of these challenges had been looked at yet. */
export async function forgetGlances(
  sql: Sql,
  playerId: string,
  challengeIds: readonly string[],
): Promise<void> {
  await sql`
    delete from glances where player_id = ${playerId} and challenge_id = any(${challengeIds as string[]})`
}
