import type { FormState, Moment, ShownOnce, StageRef } from './shell.ts'
import type { SubmissionLine, SubmissionModel } from './verdict.ts'

export interface OwnStanding {
  name: string
  slug: string
  score: number
  /** null while hidden. */
  rank: number | null
  total: number
  solved: number
  hidden: boolean
}

/**
 * `/me`: POST /me/name {name}, /me/language {language}, /me/password {current, next}, /me/tokens {name},
 * /me/tokens/:id/revoke {}, /me/leave {confirm: the own name}; GET /me/export.
 */
export interface MePage {
  /** null for an organizer who does not play. */
  own: OwnStanding | null
  email: string | null
  solves: readonly {
    stage: StageRef
    at: Moment
    points: number
    hintsCost: number
    award: number
    first: boolean
  }[]
  submissions: readonly SubmissionLine[]
  /** Path with query of the older ones, null when these are all. */
  older: string | null
  hints: readonly { stage: StageRef; number: number; price: number; at: Moment }[]
  tokens: readonly { id: string; name: string; createdAt: Moment; lastUsedAt: Moment | null }[]
  /** Just made. */
  newTokens: readonly (ShownOnce & { name: string })[]
  /** By form: `name`, `password`, `token`, `leave`. */
  forms: Readonly<Partial<Record<'name' | 'password' | 'token' | 'leave', FormState>>>
}

/** `/me/submissions/:id` */
export interface SubmissionPage {
  submission: SubmissionModel
}
