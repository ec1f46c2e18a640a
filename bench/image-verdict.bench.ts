import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Registered } from '../src/game/people/register.ts'
import { packageRoot } from '../src/lib/root.ts'
import { imageOf, writeLayout } from '../test/helpers/board/layout.ts'
import { tool } from '../test/helpers/board/tools.ts'
import { readEvents } from '../test/helpers/events.ts'
import { startRegistryGame } from '../test/helpers/registry.ts'
import { milliseconds, report, spread } from './report.ts'

// From the end of `crane push` to the verdict in the stream that moves the player's page. Each push is a new player's and of
// an image that nobody pushed before, since only the first one that solves the stage is followed.

const rounds = 50
const run = promisify(execFile)
const game = await startRegistryGame('3', {
  challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-registry'),
})
const folder = await mkdtemp(join(tmpdir(), 'shambhala-bench-'))
const durations: number[] = []
try {
  // All before the first push: a stream that is opened while the news of its player travels is ended and has to come again.
  const players: Registered[] = []
  for (let round = 0; round < rounds; round += 1) players.push(await game.register(`Pusher ${round}`))
  for (const [round, player] of players.entries()) durations.push(await once(player, round))
} finally {
  await game.close()
  await rm(folder, { recursive: true, force: true })
}
const { median, p95 } = spread(durations)
report({
  what: `image push to verdict on the page, p95 of ${rounds}`,
  ours: milliseconds(p95),
  against: `median ${milliseconds(median)}`,
  result: milliseconds(p95),
  bound: '< 2 s',
  reached: p95 < 2000,
})

async function once(player: Registered, round: number): Promise<number> {
  const own = join(folder, player.slug)
  const { manifest, config, layers } = await imageOf({
    layers: [[{ name: 'etc/motd', content: `Read on, number ${round}.\n` }]],
    config: { User: '65532', Labels: { seal: `wax ${round}` } },
  })
  await writeLayout(join(own, 'image'), manifest, [config, ...layers])
  const auth = Buffer.from(`${player.slug}:${player.token}`).toString('base64')
  await writeFile(join(own, 'config.json'), JSON.stringify({ auths: { [game.host]: { auth } } }))
  const page = await readEvents(game.url, { token: player.token })
  const target = `${game.host}/${player.slug}/scroll:1`
  await run(tool('crane'), ['push', '--insecure', join(own, 'image'), target], {
    env: { DOCKER_CONFIG: own },
  })
  const began = performance.now()
  await page.next('submission', ({ verdict }) => verdict === 'passed')
  page.close()
  return performance.now() - began
}
