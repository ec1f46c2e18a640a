import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { openRegistry } from '../../src/board/registry/registry.ts'
import type { Registry } from '../../src/board/registry/types.ts'
import { boardFile, type BoardFile } from '../../src/core/board-file.ts'
import { hookKey } from '../../src/game/triggers/registry-hook.ts'
import { freePort } from './board/control-plane.ts'
import { programs, startDistribution, type Version } from './board/distribution.ts'
import { stopAll } from './board/processes.ts'
import { lacksTools } from './board/tools.ts'
import { testBudget } from './cluster.ts'
import { startGame, type TestGame } from './game.ts'

export { versions, type Version } from './board/distribution.ts'

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
  {
    master,
    secrets,
    secret,
    host,
    hook: wrong,
  }: {
    master: string
    secrets: string
    secret: string
    host: string
    /** What its notifications have instead of the right address or key. */
    hook?: { url?: string; key?: string }
  },
): Promise<RunningRegistry> {
  const dir = await mkdtemp(join(tmpdir(), 'shambhala-registry-'))
  const registry = openTestRegistry({ host, secrets, secret })
  const port = Number(host.split(':')[1])
  const hook = { url: `${master}/hooks/registry`, key: hookKey(secret), ...wrong }
  const realm = `${master}/registry/token`
  const started = await startDistribution(registry, { version, dir, port, realm, hook })
  registry.close()
  return {
    host,
    dir,
    async close() {
      await stopAll([started])
      await rm(dir, { recursive: true, force: true })
    },
  }
}

export function openTestRegistry(one: { host: string; secrets: string; secret: string }): Registry {
  const settings = { host: one.host, url: `http://${one.host}`, plainHttp: true, redirects: [] }
  return openRegistry({ settings, resolvePath: (path) => path, secrets: one.secrets, secret: one.secret })
}

export interface RegistryGame extends TestGame {
  host: string
  /** The path of its board.yaml. */
  boardFile: string
  /** The folder of the registry's data. */
  storage: string
  registry: Registry
}

/** The whole server with a real registry beside it. */
export async function startRegistryGame(
  version: Version,
  options: {
    challenges?: string
    images?: string
    clusters?: BoardFile['clusters']
    /** Where the server reaches the registry instead, such as a wire that can be cut; gets the registry's own port. */
    way?: (port: number) => Promise<number>
    /** What the registry's notifications have instead of the right address or key. */
    hook?: { url?: string; key?: string }
  } = {},
): Promise<RegistryGame> {
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-registry-game-'))
  const port = await freePort('127.0.0.1')
  const host = `localhost:${port}`
  const near = (await options.way?.(port)) ?? port
  const board = boardFile.parse({
    registry: { host, url: `http://localhost:${near}`, plainHttp: true },
    budgets: { default: { ...testBudget, images: options.images ?? '64Mi' } },
    clusters: options.clusters ?? [],
  })
  const file = join(folder, 'board.yaml')
  await writeFile(file, stringify(board))
  const game = await startGame({
    ...(options.challenges !== undefined && { challenges: options.challenges }),
    settings: { BOARD_FILE: file },
  })
  const { registry } = game.game.board
  if (!registry) throw new Error('the game has no registry')
  const running = await startRegistry(version, {
    master: game.url,
    host,
    secret: game.game.secret,
    secrets: join(game.dataDir, 'secrets'),
    ...(options.hook && { hook: options.hook }),
  })
  return {
    ...game,
    host,
    registry,
    boardFile: file,
    storage: join(running.dir, 'data'),
    async close() {
      await running.close()
      await game.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
