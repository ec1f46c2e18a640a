import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import type { Registered } from '../src/game/people/register.ts'
import { testBudget } from '../test/helpers/cluster.ts'
import { startGame } from '../test/helpers/game.ts'
import { milliseconds, report, spread } from './report.ts'

// Tokens as a push asks for them: 100 a second of ten players, by turns with Basic and with a form, storage looked up each time.

const host = 'registry.example.org'
const perSecond = 100
const folder = await mkdtemp(join(tmpdir(), 'shambhala-bench-token-'))
const file = join(folder, 'board.yaml')
await writeFile(file, stringify({ registry: { host }, budgets: { default: testBudget } }))
const test = await startGame({ settings: { BOARD_FILE: file } })
const players: Registered[] = []
for (let number = 0; number < 10; number += 1) players.push(await test.register(`Player ${number}`))
await test.game.sql`insert into registry_use (player_id, bytes, loose) select id, 1000, 0 from players`

const ask = async (index: number): Promise<number> => {
  const player = players[index % players.length]
  if (!player) throw new Error('no player')
  const { slug, token } = player
  const scope = `repository:${slug}/scroll:pull,push`
  const began = performance.now()
  const response =
    index % 2 === 0
      ? await fetch(`${test.url}/registry/token?service=${host}&scope=${scope}`, {
          headers: { authorization: `Basic ${Buffer.from(`${slug}:${token}`).toString('base64')}` },
        })
      : await fetch(`${test.url}/registry/token`, {
          method: 'POST',
          body: new URLSearchParams({
            grant_type: 'password',
            service: host,
            scope,
            username: slug,
            password: token,
          }),
        })
  const body = (await response.json()) as { token?: string }
  if (response.status !== 200 || !body.token) throw new Error(`refused: ${response.status}`)
  return performance.now() - began
}

/** What any answer of this server costs on this machine just now. */
const knock = async (): Promise<number> => {
  const began = performance.now()
  await (await fetch(`${test.url}/healthz`)).text()
  return performance.now() - began
}

const steadily = async (count: number, call: (index: number) => Promise<number>): Promise<number[]> => {
  const asked: Promise<number>[] = []
  const began = performance.now()
  for (let index = 0; index < count; index += 1) {
    await sleep(Math.max(0, began + (index * 1000) / perSecond - performance.now()))
    asked.push(call(index))
  }
  return await Promise.all(asked)
}

await steadily(200, ask)
const bare = spread(await steadily(500, knock))
const times = spread(await steadily(1500, ask))
report({
  what: `registry token, ${perSecond}/s, n = ${times.n}, p95`,
  ours: `${milliseconds(times.p95)} (median ${milliseconds(times.median)})`,
  against: `/healthz of the same server, ${milliseconds(bare.p95)} (median ${milliseconds(bare.median)})`,
  result: milliseconds(times.p95),
  bound: '< 10 ms',
  reached: times.p95 < 10,
})
await test.close()
await rm(folder, { recursive: true })
