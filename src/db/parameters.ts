import type { Sql } from './client.ts'
import { jsonOf } from './json.ts'

export type ParamValue = string | number

export async function parametersOf(
  sql: Sql,
  playerId: string,
  challengeId: string,
): Promise<Record<string, ParamValue>> {
  const rows = await sql<{ name: string; value: ParamValue }[]>`
    select name, value from parameters where player_id = ${playerId} and challenge_id = ${challengeId}`
  return Object.fromEntries(rows.map((row) => [row.name, row.value]))
}

/** Keeps the values that are there already: what was once shown to a player stays true. */
export async function storeParameters(
  sql: Sql,
  playerId: string,
  challengeId: string,
  values: Record<string, ParamValue>,
): Promise<void> {
  const rows = Object.entries(values)
  if (rows.length === 0) return
  await sql`
    insert into parameters (player_id, challenge_id, name, value)
    select ${playerId}, ${challengeId}, name, value
    from jsonb_each(${jsonOf(values)}::text::jsonb) as given (name, value)
    on conflict do nothing`
}
