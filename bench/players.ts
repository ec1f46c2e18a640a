import { randomInt } from 'node:crypto'
import { tell } from '../src/db/events.ts'
import { insertSolve } from '../src/db/solves.ts'
import type { Game } from '../src/game/game.ts'

/** Players with a random part of the first stage's solvers among them, straight into the tables. Returns their ids. */
export async function fillPlayers(game: Game, count: number): Promise<string[]> {
  const rows = await game.sql<{ id: string }[]>`
    insert into players (slug, name, skeleton)
    select 'bench' || n, 'Bench player ' || n, 'bench' || n from generate_series(1, ${count}) as n returning id`
  await game.leaderboard.rebuild()
  return rows.map((row) => row.id)
}

/** One solve as the judge writes it: its submission, the solve, and the events that go with it. */
export async function solveOne(game: Game, playerId: string, challengeId: string): Promise<void> {
  await game.sql.begin(async (sql) => {
    const [row] = await sql<[{ id: string }]>`
      insert into submissions (player_id, challenge_id, trigger, status, verdict, finished_at)
      values (${playerId}, ${challengeId}, 'api', 'done', 'passed', now()) returning id`
    const solve = {
      playerId,
      challengeId,
      submissionId: row.id,
      solvedAt: new Date(),
      points: 100,
      hintsCost: 0,
    }
    if (await insertSolve(sql, solve)) await tell(sql, 'solve', playerId, challengeId)
  })
}

export function solveSteadily(game: Game, players: readonly string[], perSecond: number): { stop(): void } {
  const ids = game.hunt.challenges.map((challenge) => challenge.id)
  const timer = setInterval(() => {
    const [player, challenge] = [players[randomInt(players.length)], ids[randomInt(ids.length)]]
    if (player !== undefined && challenge !== undefined) void solveOne(game, player, challenge)
  }, 1000 / perSecond)
  return { stop: () => clearInterval(timer) }
}
