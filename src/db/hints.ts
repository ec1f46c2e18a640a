import type { Sql } from './client.ts'

export interface HintRow {
  challengeId: string
  number: number
  price: number
  takenAt: Date
}

export async function hintsOf(sql: Sql, playerId: string): Promise<HintRow[]> {
  return await sql<HintRow[]>`
    select challenge_id, number, price, taken_at from hints_taken where player_id = ${playerId} order by taken_at, number`
}

/** True the first time. */
export async function takeHint(
  sql: Sql,
  hint: { playerId: string; challengeId: string; number: number; price: number },
): Promise<boolean> {
  const rows = await sql`
    insert into hints_taken (player_id, challenge_id, number, price)
    values (${hint.playerId}, ${hint.challengeId}, ${hint.number}, ${hint.price}) on conflict do nothing returning number`
  return rows.length > 0
}

export async function hintsCost(sql: Sql, playerId: string, challengeId: string): Promise<number> {
  const [row] = await sql<[{ cost: number }]>`
    select coalesce(sum(price), 0)::int as cost from hints_taken
    where player_id = ${playerId} and challenge_id = ${challengeId}`
  return row.cost
}
