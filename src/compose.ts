import type { Express } from 'express'
import { loadChecks } from './checks/index.ts'
import type { CheckKinds } from './checks/check.ts'
import { openBoard, type OpenBoard } from './compose/board.ts'
import { openOps, openWeb, openWork, roles as allRoles, type Role, type Work } from './compose/roles.ts'
import { openStorage, type Storage } from './compose/storage.ts'
import type { Config } from './config.ts'
import type { Hunt } from './core/hunt.ts'
import { serverIdOf } from './core/owner.ts'
import { keepServerId, noteChallenges } from './db/hunt.ts'
import { createMemoryDispatch } from './dispatch/memory.ts'
import { createBus } from './game/bus.ts'
import type { Game } from './game/game.ts'
import { loadHunt } from './game/hunt/load-hunt.ts'
import { createJudge } from './game/judging/judge.ts'
import { createSettings } from './game/settings.ts'
import { createLeaderboard } from './game/standings/leaderboard.ts'
import { checkGit } from './lib/git-version.ts'
import type { Log } from './lib/log.ts'
import { faultOf } from './lib/yaml-file.ts'

const judgingFairly = { secondsPerMinute: 20, slowMs: 1500 }

/** The running game server without its listening socket. */
export interface Master extends Storage {
  game: Game
  /** Undefined where this process does not work. */
  work: Work | undefined
  app: Express
  close(): Promise<void>
}

export interface Composing {
  /** What it is called on clusters where it stands for another server. */
  server?: string | undefined
  /** All when not said. */
  roles?: readonly Role[]
}

/** Builds everything from the settings; `close` takes it down in reverse order. Throws `Fault` for what an operator can mend. */
export async function compose(
  config: Config,
  log: Log,
  { server, roles = allRoles }: Composing = {},
): Promise<Master> {
  await checkGit()
  const kinds = await loadChecks()
  const hunt = await readHunt(config, kinds)
  const storage = await openStorage(config, log)
  await noteChallenges(
    storage.sql,
    hunt.challenges.map((challenge) => challenge.id),
  )
  const board = await openBoard(config, hunt, storage, log).catch(async (error: unknown) => {
    await storage.close()
    throw error
  })
  const game = await openGame({ config, log, kinds, hunt, storage, board, server })
  const work = roles.includes('work') ? openWork(game) : undefined
  const web = roles.includes('web') ? openWeb(game, work, storage.dataDir) : openOps(game, storage.dataDir)

  await game.bus.start()
  await work?.start()
  return {
    ...storage,
    game,
    work,
    app: web.app,
    async close() {
      game.bus.stop()
      web.close()
      await work?.close()
      await game.dispatch.close()
      await board.close()
      await game.judge.close()
      await game.bus.close()
      game.leaderboard.close()
      await storage.close()
    },
  }
}

async function readHunt(config: Config, kinds: CheckKinds): Promise<Hunt> {
  const { hunt, faults } = await loadHunt(config.challengesDir, kinds)
  if (hunt) return hunt
  throw faultOf(faults, 'The hunt cannot be loaded')
}

interface Opened {
  config: Config
  log: Log
  kinds: CheckKinds
  hunt: Hunt
  storage: Storage
  board: OpenBoard
  server: string | undefined
}

async function openGame({ config, log, kinds, hunt, storage, board, server }: Opened): Promise<Game> {
  const { sql, secret, alone } = storage
  const bus = createBus(sql, log)
  // Who gets pods could mine with them.
  const registration = board.parts.cluster ? 'code' : 'open'
  const { registrationCode } = config
  const settings = createSettings({ sql, hunt, bus, registration, registrationCode })
  return {
    config,
    secret,
    server: await keepServerId(sql, server ?? serverIdOf(secret)),
    alone,
    sql,
    hunt,
    kinds,
    board: board.parts,
    budgets: board.budgets,
    dispatch: createMemoryDispatch({
      name: 'submissions',
      concurrency: config.judgeConcurrency,
      fair: judgingFairly,
      log,
    }),
    bus,
    settings,
    leaderboard: createLeaderboard({ sql, bus, settings }),
    judge: createJudge(),
    log,
  }
}
