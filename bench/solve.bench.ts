import { startGame } from '../test/helpers/game.ts'
import { fillPlayers, solveOne } from './players.ts'
import { milliseconds, report, spread } from './report.ts'

// What one more solve costs, from its transaction to its place in the standings, at 100, 1 000 and 10 000 players.

const rounds = 300
const test = await startGame()
const all = await fillPlayers(test.game, 10_000)

async function cost(players: readonly string[]): Promise<number> {
  const durations: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const player = players[(round * 7919) % players.length] ?? ''
    const start = performance.now()
    await solveOne(test.game, player, test.game.hunt.challenges[round % 5]?.id ?? '')
    await test.game.leaderboard.absorb(player, 'torn-map')
    durations.push(performance.now() - start)
  }
  return spread(durations).median
}

/** Leaves only so many players in the standings. */
async function shrink(count: number): Promise<string[]> {
  await test.game.sql`delete from players where id > ${all[count - 1] ?? '0'}`
  await test.game.leaderboard.rebuild()
  return all.slice(0, count)
}

const sizes = [all.length, 1000, 100]
const medians: number[] = []
await cost(all)
await test.game.sql`truncate solves, submissions cascade`
for (const size of sizes) {
  await test.game.sql`truncate solves, submissions, events cascade`
  medians.push(await cost(size === all.length ? all : await shrink(size)))
}
const [large = 0, middle = 0, small = 0] = medians
const ratio = large / small
report({
  what: 'one more solve, at 100, 1 000 and 10 000 players, median',
  ours: [small, middle, large].map(milliseconds).join(', '),
  against: 'itself at 100 players',
  result: `${ratio.toFixed(2)}×`,
  bound: 'flat: ≤ 1.5×',
  reached: ratio <= 1.5,
})
await test.close()
