import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { openRegistry } from '../../src/board/registry/registry.ts'
import type { Registry } from '../../src/board/registry/types.ts'
import { boardFile, type BoardFile } from '../../src/core/board-file.ts'
import { hookKey } from '../../src/game/registry-hook.ts'
import { freePort } from './board/control-plane.ts'
import { startDetached, stopAll, waitFor, type Started } from './board/processes.ts'
import { lacksTools, tool } from './board/tools.ts'
import { testBudget } from './cluster.ts'
import { startGame, type TestGame } from './game.ts'

/** Debian's Distribution 2.8, and Distribution 3. */
export const versions = ['2.8', '3'] as const
export type Version = (typeof versions)[number]
const programs = { '2.8': 'docker-registry', '3': 'registry' } as const

export const lacksRegistry = (version: Version) => lacksTools(programs[version])

export interface RunningRegistry {
  /** Such as `localhost:41234`: clients refuse a token realm that is a bare private address. */
  host: string
  dir: string
  close(): Promise<void>
}

/** A real registry with the configuration that organizers get; `master` is where tokens come from. */
export async function startRegistry(
  version: Version,
  { master, secrets, secret, host }: { master: string; secrets: string; secret: string; host: string },
): Promise<RunningRegistry> {
  const dir = await mkdtemp(join(tmpdir(), 'shambhala-registry-'))
  const registry = openTestRegistry({ host, secrets, secret })
  const files = registry.configuration({
    folder: dir,
    storage: join(dir, 'data'),
    listen: `127.0.0.1:${host.split(':')[1] ?? ''}`,
    realm: `${master}/registry/token`,
    hook: { url: `${master}/hooks/registry`, key: hookKey(secret) },
  })
  registry.close()
  for (const { name, content } of files) await writeFile(join(dir, name), content)
  const file = join(dir, version === '2.8' ? 'distribution-2.yml' : 'distribution-3.yml')
  const started = await startDetached(dir, 'registry', [tool(programs[version]), 'serve', file])
  await answers(started, dir, host)
  return {
    ...{ host, dir },
    async close() {
      await stopAll([started])
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function answers(process: Started, dir: string, host: string): Promise<void> {
  const ready = async () => (await fetch(`http://${host}/v2/`)).status === 401
  await waitFor('registry', ready, { process, dir, seconds: 20 })
}

export function openTestRegistry(one: { host: string; secrets: string; secret: string }): Registry {
  const settings = { host: one.host, url: `http://${one.host}`, plainHttp: true, redirects: [] }
  return openRegistry({ settings, resolvePath: (path) => path, secrets: one.secrets, secret: one.secret })
}

export interface RegistryGame extends TestGame {
  host: string
  registry: Registry
}

/** The whole server with a real registry beside it. */
export async function startRegistryGame(
  version: Version,
  options: { challenges?: string; images?: string; clusters?: BoardFile['clusters'] } = {},
): Promise<RegistryGame> {
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-registry-game-'))
  const host = `localhost:${await freePort('127.0.0.1')}`
  const board = boardFile.parse({
    registry: { host, plainHttp: true },
    budgets: { default: { ...testBudget, images: options.images ?? '64Mi' } },
    clusters: options.clusters ?? [],
  })
  await writeFile(join(folder, 'board.yaml'), stringify(board))
  const game = await startGame({
    ...(options.challenges !== undefined && { challenges: options.challenges }),
    settings: { BOARD_FILE: join(folder, 'board.yaml') },
  })
  const { registry } = game.game.board
  if (!registry) throw new Error('the game has no registry')
  const running = await startRegistry(version, {
    ...{ master: game.url, host, secret: game.game.secret },
    secrets: join(game.dataDir, 'secrets'),
  })
  return {
    ...{ ...game, host, registry },
    async close() {
      await running.close()
      await game.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
