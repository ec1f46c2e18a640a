import type { Forge } from '../board/forge/types.ts'
import type { Registry } from '../board/registry/types.ts'
import type { CheckKind } from '../checks/check.ts'
import type { Config } from '../config.ts'
import type { BoardFile } from '../core/board-file.ts'
import type { BoardPart, Challenge } from '../core/challenge.ts'
import type { Hunt } from '../core/hunt.ts'
import { Refusal } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import type { Database } from '../db/client.ts'
import type { Dispatch } from '../dispatch/types.ts'
import type { Bus } from './bus.ts'
import type { Clusters } from './clusters.ts'
import type { Judge } from './judging/judge.ts'
import type { ImageLayer } from './handing-out/lay-rounds.ts'
import type { RegistryFollower } from './triggers/follow-registry.ts'
import type { Settings } from './settings.ts'
import type { Leaderboard } from './standings/leaderboard.ts'

/** What every use case works with; built once by `compose`. */
export interface Game {
  config: Config
  secret: string
  /** What this server is called on clusters. */
  server: string
  sql: Database
  hunt: Hunt
  kinds: ReadonlyMap<string, CheckKind<unknown, unknown>>
  board: {
    forge?: Forge
    clusters?: Clusters
    registry?: Registry
    registryFollower?: RegistryFollower
    imageLayer?: ImageLayer
    budgets?: BoardFile['budgets']
  }
  dispatch: Dispatch
  bus: Bus
  settings: Settings
  leaderboard: Leaderboard
  judge: Judge
  log: Log
}

export function partsOf(game: Pick<Game, 'board'>): ReadonlySet<BoardPart> {
  const { forge, clusters, registry } = game.board
  return new Set([
    ...(forge ? (['forge'] as const) : []),
    ...(clusters ? (['cluster'] as const) : []),
    ...(registry ? (['registry'] as const) : []),
  ])
}

export function challengeOf(game: Pick<Game, 'hunt'>, id: string): Challenge {
  const challenge = game.hunt.challenges.find((one) => one.id === id)
  if (!challenge)
    throw new Refusal(404, 'no-challenge', `There is no stage ${JSON.stringify(id.slice(0, 60))}.`)
  return challenge
}
