import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { startGame } from '../test/helpers/game.ts'
import { fillPlayers, solveOne } from './players.ts'
import { milliseconds, report, spread } from './report.ts'

// From a solve's commit to its row in the hands of 200 open readers, and what a reader costs in memory.

const readers = 200
const solves = 40
const test = await startGame()
const players = await fillPlayers(test.game, 1000)
const slugs = new Map(
  (await test.game.sql<{ id: string; slug: string }[]>`select id, slug from players`).map((row) => [
    row.id,
    row.slug,
  ]),
)

const started = new Map<string, number>()
const delays: number[] = []
const read = (chunk: string) => {
  for (const [slug, at] of started)
    if (chunk.includes(`"slug":"${slug}"`)) delays.push(performance.now() - at)
}

const memory = () => {
  globalThis.gc?.()
  return process.memoryUsage().rss
}
const before = memory()
const sockets = await Promise.all(
  Array.from(
    { length: readers },
    () =>
      new Promise<{ destroy(): void }>((resolve, reject) => {
        const request = get(`${test.url}/api/v1/events`, { agent: false }, (response) => {
          response.setEncoding('utf8')
          response.on('data', read)
          resolve(request)
        })
        request.on('error', reject)
      }),
  ),
)
await sleep(1000)
const perReader = (memory() - before) / readers / 1024

for (let round = 0; round < solves; round += 1) {
  const id = players[round] ?? ''
  started.set(slugs.get(id) ?? '', performance.now())
  await solveOne(test.game, id, 'torn-map')
  await sleep(600)
  started.clear()
}
for (const socket of sockets) socket.destroy()
const seen = spread(delays)
report({
  what: `a solve seen by ${readers} open readers (${seen.n} sightings), p95; memory for each reader and its client in this process`,
  ours: `median ${milliseconds(seen.median)}, p95 ${milliseconds(seen.p95)}; ${perReader.toFixed(1)} KiB`,
  against: '–',
  result: milliseconds(seen.p95),
  bound: '< 500 ms; < 30 KiB',
  reached: seen.p95 < 500 && seen.n >= readers * solves * 0.99 && perReader < 30,
})
await test.close()
