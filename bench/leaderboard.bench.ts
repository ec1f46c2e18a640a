import autocannon from 'autocannon'
import express from 'express'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startGame } from '../test/helpers/game.ts'
import { fillPlayers, solveSteadily } from './players.ts'
import { report } from './report.ts'

// Reads of the leaderboard with 10 000 players and 5 solves a second, against the same bytes as a static buffer on the same server.

const seconds = 8
const test = await startGame()
const players = await fillPlayers(test.game, 10_000)
const solving = solveSteadily(test.game, players, 5)

const first = await fetch(`${test.url}/api/v1/leaderboard`, { headers: { 'Accept-Encoding': 'identity' } })
const bytes = Buffer.from(await first.arrayBuffer())
// The same headers too: what they cost belongs to neither side.
const headers = [...first.headers].filter(
  ([name]) => !['connection', 'date', 'keep-alive', 'x-request-id'].includes(name),
)
const plainApp = express().disable('x-powered-by')
plainApp.get('/static', (_req, res) => {
  res.writeHead(200, Object.fromEntries(headers)).end(bytes)
})
// One server for both: each request goes through one Express app.
const listener = createServer((req, res) => {
  if (req.url === '/static') plainApp(req, res)
  else test.master.app(req, res)
}).listen(0)
const { port } = listener.address() as AddressInfo

const rate = async (path: string): Promise<number> => {
  const url = `http://localhost:${port}${path}`
  const result = await autocannon({
    url,
    connections: 20,
    duration: seconds,
    headers: { 'accept-encoding': 'identity' },
  })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${path}: ${result.non2xx} refused, ${result.errors} failed`)
  return result.requests.average
}

const ours: number[] = []
const plain: number[] = []
for (let round = 0; round < 3; round += 1) {
  plain.push(await rate('/static'))
  ours.push(await rate('/api/v1/leaderboard'))
}
const middle = (values: number[]) => values.toSorted((a, b) => a - b)[1] ?? 0
const ratio = middle(ours) / middle(plain)
report({
  what: `leaderboard reads, 10 000 players, 5 solves/s, ${(bytes.length / 1024).toFixed(0)} KiB`,
  ours: `${middle(ours).toFixed(0)}/s`,
  against: `static buffer ${middle(plain).toFixed(0)}/s`,
  result: ratio.toFixed(2),
  bound: '≥ 0.8',
  reached: ratio >= 0.8,
})
solving.stop()
listener.closeAllConnections()
listener.close()
await test.close()
