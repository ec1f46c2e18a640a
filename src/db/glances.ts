import type { Sql } from './client.ts'

/** Hash of what was last seen of a player's work on a challenge; null before the first look. */
export async function lastGlance(sql: Sql, playerId: string, challengeId: string): Promise<Buffer | null> {
  const [row] = await sql<{ factsHash: Buffer }[]>`
    select facts_hash from glances where player_id = ${playerId} and challenge_id = ${challengeId}`
  return row?.factsHash ?? null
}

export async function keepGlance(
  sql: Sql,
  playerId: string,
  challengeId: string,
  hash: Buffer,
): Promise<void> {
  await sql`
    insert into glances (player_id, challenge_id, facts_hash) values (${playerId}, ${challengeId}, ${hash})
    on conflict (player_id, challenge_id) do update set facts_hash = excluded.facts_hash, at = now()`
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
