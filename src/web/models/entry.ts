import type { Registration } from '../../core/hunt.ts'
import type { LeaderboardModel } from './leaderboard.ts'
import type { FormState, Moment, ShownOnce, StageRef } from './shell.ts'
import type { WorkspaceModel } from './workspace.ts'

/** `/` */
export interface LandingPage {
  teaser: string
  registration: Registration
  stages: number
  players: number
  top: LeaderboardModel
  /** Those who solved every stage, in the order of their arrival, at most ten. */
  reachedCity: readonly { name: string; at: Moment }[]
}

/** `/join`: POST {name, password, email, code, language} */
export interface JoinPage {
  registration: Registration
  form: FormState
}

/** `/login`: POST {name, password, next} */
export interface LoginPage {
  /** Path to go to afterwards; '' for the map. */
  next: string
  form: FormState
}

/** `/forgot` */
export type ForgotPage = object

/** `/reset/:token`: POST {password} to the same address. */
export interface ResetPage {
  token: string
  /** Whose password it is. */
  name: string
  form: FormState
}

/** `/organizer/:token`: POST {} to the same address. */
export interface OrganizerPage {
  token: string
}

/** `/welcome`: after registering, for as long as the first token is kept. */
export interface WelcomePage {
  name: string
  token: ShownOnce
  workspace: WorkspaceModel
  /** Where the trail begins, null before the start. */
  first: StageRef | null
}
