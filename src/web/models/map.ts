import type { ChallengeState } from '../../core/unlock.ts'
import type { OwnStanding } from './own.ts'
import type { Moment, StageRef } from './shell.ts'
import type { WorkspaceModel } from './workspace.ts'
import type { BoardPart } from '../../core/board-parts.ts'

export interface TrailStage extends StageRef {
  teaser: string
  points: number
  state: ChallengeState
  after: readonly string[]
  /** Parts that the board lacks, where the state is `unavailable`. */
  lacks: readonly BoardPart[]
  /** How many solved it. */
  solves: number
  solvedAt: Moment | null
  /** This player was the first. */
  first: boolean
}

/** Partial `map-trail`. */
export interface TrailModel {
  stages: readonly TrailStage[]
}

/** `/map` */
export interface MapPage {
  teaser: string
  trail: TrailModel
  own: OwnStanding
  workspace: WorkspaceModel
  reachedCity: boolean
}
