import { join } from 'node:path'
import type { Express } from 'express'
import { openCluster } from './board/cluster/cluster.ts'
import type { Cluster } from './board/cluster/types.ts'
import { createRepositoryArchive } from './board/forge/archive.ts'
import { createEmbeddedForge } from './board/forge/embedded.ts'
import type { RepositoryArchive } from './board/forge/types.ts'
import { openRegistry } from './board/registry/registry.ts'
import type { Registry } from './board/registry/types.ts'
import { loadChecks } from './checks/index.ts'
import type { Config } from './config.ts'
import type { Hunt } from './core/hunt.ts'
import { serverIdOf } from './core/owner.ts'
import { connect, type Database } from './db/client.ts'
import { startEmbedded } from './db/embedded.ts'
import { keepServerId, noteChallenges } from './db/hunt.ts'
import { migrate } from './db/migrate.ts'
import { createMemoryDispatch } from './dispatch/memory.ts'
import { advance } from './game/workspaces/advance.ts'
import { createBus } from './game/bus.ts'
import type { Clusters } from './game/clusters.ts'
import { createFollower } from './game/triggers/follow-clusters.ts'
import type { Game } from './game/game.ts'
import { createImageLayer } from './game/handing-out/lay-rounds.ts'
import { createJudge } from './game/judging/judge.ts'
import { createLeaderboard } from './game/standings/leaderboard.ts'
import { loadBoard, type LoadedBoard } from './game/hunt/load-board.ts'
import { loadHunt } from './game/hunt/load-hunt.ts'
import { createRegistryFollower } from './game/triggers/follow-registry.ts'
import { createSettings } from './game/settings.ts'
import { createSweep } from './game/upkeep/sweep.ts'
import { createWorker } from './game/judging/work.ts'
import { Fault } from './lib/errors.ts'
import { checkGit } from './lib/git-version.ts'
import type { Log } from './lib/log.ts'
import { packageRoot } from './lib/root.ts'
import { keptSecret } from './lib/secrets.ts'
import { createApp } from './web/app.ts'
import { createSseHub } from './web/sse/hub.ts'
import { createViews } from './web/view/view.ts'

/** Workspaces made, probed and deleted at the same time. */
const workspacesAtOnce = 4

/** The database, migrated. `dataDir` is where data lie in fact; the embedded database may have had to move. */
export interface Storage {
  sql: Database
  dataDir: string
  moved: boolean
  secret: string
  repositories: RepositoryArchive
  close(): Promise<void>
}

/** The running game server without its listening socket. */
export interface Master extends Storage {
  game: Game
  app: Express
  close(): Promise<void>
}

/** `share`: for a verb of the command line, which may run beside the server. */
export async function openStorage(config: Config, log: Log, { share = false } = {}): Promise<Storage> {
  const embedded =
    config.databaseUrl === undefined
      ? await startEmbedded({ dataDir: config.dataDir, log, share })
      : undefined
  const dataDir = embedded?.dataDir ?? config.dataDir
  const url = config.databaseUrl ?? embedded?.url ?? ''
  const sql = connect(url, { log })
  const close = async () => {
    await sql.end({ timeout: 5 })
    await embedded?.stop()
  }
  try {
    await migrate(sql, { log })
    const secret = config.masterSecret ?? keptSecret(join(dataDir, 'secrets', 'master'))
    const repositories = createRepositoryArchive(join(dataDir, 'repositories'))
    return { sql, dataDir, moved: embedded?.moved ?? false, secret, repositories, close }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * Builds everything from the settings; `close` takes it down in reverse order. Throws `Fault` for what an operator can mend.
 * `server`: what it is called on clusters where it stands for another server.
 */
export async function compose(
  config: Config,
  log: Log,
  { server }: { server?: string | undefined } = {},
): Promise<Master> {
  await checkGit()
  const kinds = await loadChecks()
  const { hunt, faults } = await loadHunt(config.challengesDir, kinds)
  if (!hunt) {
    const [first] = faults
    const rest = faults.length > 1 ? ` (and ${faults.length - 1} more: run "bin/shambhala lint")` : ''
    throw new Fault(
      `${first ? `${first.file}:${first.line}: ${first.message}` : 'The hunt cannot be loaded'}${rest}`,
    )
  }
  const storage = await openStorage(config, log)
  const { sql, secret, dataDir } = storage
  await noteChallenges(
    sql,
    hunt.challenges.map((challenge) => challenge.id),
  )

  const bus = createBus(sql, log)
  const board = await readBoard(config, hunt)
  const registry = board && openBoardRegistry(board, storage)
  const clusters = board && (await openClusters(board, registry, log))
  // Who gets pods could mine with them.
  const registration = clusters ? 'code' : 'open'
  const settings = createSettings({
    sql,
    hunt,
    bus,
    registration,
    registrationCode: config.registrationCode,
  })
  const leaderboard = createLeaderboard({ sql, bus, settings, log })
  const dispatch = createMemoryDispatch({ concurrency: config.judgeConcurrency, log })
  const limits = {
    quotaBytes: config.repositoryQuotaMb * 2 ** 20,
    pushBytes: config.pushSizeMb * 2 ** 20,
  }
  const forge = await createEmbeddedForge({ root: join(dataDir, 'repositories'), limits, log })
  const judge = createJudge()
  const game: Game = {
    config,
    secret,
    server: await keepServerId(sql, server ?? serverIdOf(secret)),
    sql,
    hunt,
    kinds,
    board: {
      forge,
      ...(clusters && { clusters }),
      ...(registry && { registry }),
      ...(board && { budgets: board.file.budgets }),
    },
    dispatch,
    bus,
    settings,
    leaderboard,
    judge,
    log,
  }
  const worker = createWorker(game)
  const sweep = createSweep(game, worker)
  const follower = clusters && createFollower(game, clusters)
  if (registry) {
    game.board.registryFollower = createRegistryFollower(game, registry)
    game.board.imageLayer = createImageLayer(game)
  }
  const views = createViews({ root: join(packageRoot(), 'views'), languages: hunt.languages })
  const sse = createSseHub({ bus, leaderboard, sql, settings, log })
  const missing = async (): Promise<Record<string, string>> => {
    const answered = await sql`select 1`.then(
      () => true,
      () => false,
    )
    return answered ? {} : { database: 'PostgreSQL does not answer' }
  }
  const app = createApp({ game, views, sse, missing })

  await bus.start()
  dispatch.work((job) => worker.handle(job))
  clusters?.jobs.work((job) => advance(game, clusters, job))
  await sweep.start()
  follower?.start()
  game.board.registryFollower?.start()
  game.board.imageLayer?.start()

  return {
    ...storage,
    game,
    app,
    async close() {
      sse.close()
      await sweep.close()
      await follower?.close()
      await game.board.imageLayer?.close()
      await game.board.registryFollower?.close()
      worker.close()
      await dispatch.close()
      await clusters?.jobs.close()
      for (const cluster of clusters?.all.values() ?? []) cluster.close()
      registry?.close()
      await forge.close()
      await judge.close()
      leaderboard.close()
      await bus.close()
      await storage.close()
    },
  }
}

/** `board.yaml`; undefined where the settings name none. */
async function readBoard(config: Config, hunt: Hunt): Promise<LoadedBoard | undefined> {
  if (config.boardFile === undefined) return undefined
  const { board, faults } = await loadBoard(config.boardFile, hunt)
  const [fault] = faults
  if (!board)
    throw new Fault(fault ? `${fault.file}:${fault.line}: ${fault.message}` : 'the board cannot be loaded')
  return board
}

/** The registry that the board names, be it reachable or not; its keys lie beside the other secrets. */
export function openBoardRegistry(
  { file, resolvePath }: LoadedBoard,
  { dataDir, secret }: Pick<Storage, 'dataDir' | 'secret'>,
): Registry | undefined {
  if (!file.registry) return undefined
  return openRegistry({ settings: file.registry, resolvePath, secrets: join(dataDir, 'secrets'), secret })
}

/** The clusters that the board names, unreachable ones too; undefined where it names none. */
async function openClusters(
  { file, resolvePath }: LoadedBoard,
  registry: Registry | undefined,
  log: Log,
): Promise<Clusters | undefined> {
  if (file.clusters.length === 0) return undefined
  const all = new Map<string, Cluster>()
  const pullPassword = registry && ((slug: string) => registry.tokens.robotPassword(slug))
  for (const settings of file.clusters)
    all.set(settings.name, await openCluster({ settings, file, resolvePath, pullPassword, log }))
  const jobs = createMemoryDispatch({ concurrency: workspacesAtOnce, log })
  return { all, file, jobs, ailing: new Map() }
}
