import type { Forge } from '../board/forge/types.ts'
import type { Registry } from '../board/registry/types.ts'
import type { CheckKinds } from '../checks/check.ts'
import type { Config } from '../config.ts'
import type { BoardFile } from '../core/board-file.ts'
import { boardParts, type BoardPart } from '../core/board-parts.ts'
import type { Challenge } from '../core/challenge.ts'
import type { Hunt } from '../core/hunt.ts'
import type { Database } from '../db/client.ts'
import type { Dispatch } from '../dispatch/types.ts'
import { Refusal } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import type { Bus, Clusters, Judge, Leaderboard, Settings } from './types.ts'

/** Through what the game reaches each part of the board. */
export interface Doors extends Record<BoardPart, unknown> {
  forge: Forge
  registry: Registry
  cluster: Clusters
  /** No door leads to pipelines yet. */
  pipelines: never
}

/** What every use case works with; built once by `compose`, and finished then. One that needs few of its parts asks for those. */
export interface Game {
  readonly config: Config
  readonly secret: string
  /** What this server is called on clusters. */
  readonly server: string
  /** No other process works with this database. */
  readonly alone: boolean
  readonly sql: Database
  readonly hunt: Hunt
  readonly kinds: CheckKinds
  /** The parts that this board has. */
  readonly board: { readonly [Part in BoardPart]?: Doors[Part] }
  /** What workspaces may use, as board.yaml says. */
  readonly budgets: BoardFile['budgets']
  /** Of submissions. */
  readonly dispatch: Dispatch
  readonly bus: Bus
  readonly settings: Settings
  readonly leaderboard: Leaderboard
  readonly judge: Judge
  readonly log: Log
}

export function partsOf({ board }: Pick<Game, 'board'>): ReadonlySet<BoardPart> {
  return new Set(boardParts.filter((part) => board[part] !== undefined))
}

export function challengeOf(game: Pick<Game, 'hunt'>, id: string): Challenge {
  const challenge = game.hunt.challenges.find((one) => one.id === id)
  if (!challenge)
    throw new Refusal(404, 'no-challenge', `There is no stage ${JSON.stringify(id.slice(0, 60))}.`)
  return challenge
}
