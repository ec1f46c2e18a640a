import type { Sql } from './client.ts'

export interface SolveRow {
  playerId: string
  challengeId: string
  submissionId: string
  solvedAt: Date
  points: number
  hintsCost: number
  award: number
}

/** False where the player had solved it before. */
export async function insertSolve(
  sql: Sql,
  solve: {
    playerId: string
    challengeId: string
    submissionId: string
    solvedAt: Date
    points: number
    hintsCost: number
  },
): Promise<boolean> {
  const rows = await sql`
    insert into solves ${sql(solve, 'playerId', 'challengeId', 'submissionId', 'solvedAt', 'points', 'hintsCost')}
    on conflict do nothing returning award`
  return rows.length > 0
}

export async function solvesOf(sql: Sql, playerId: string): Promise<SolveRow[]> {
  return await sql<SolveRow[]>`
    select player_id, challenge_id, submission_id, solved_at, points, hints_cost, award
    from solves where player_id = ${playerId} order by solved_at`
}

export async function solveOf(
  sql: Sql,
  playerId: string,
  challengeId: string,
): Promise<SolveRow | undefined> {
  const [row] = await sql<SolveRow[]>`
    select player_id, challenge_id, submission_id, solved_at, points, hints_cost, award
    from solves where player_id = ${playerId} and challenge_id = ${challengeId}`
  return row
}

export async function allSolves(sql: Sql): Promise<SolveRow[]> {
  return await sql<SolveRow[]>`
    select player_id, challenge_id, submission_id, solved_at, points, hints_cost, award from solves order by solved_at`
}
