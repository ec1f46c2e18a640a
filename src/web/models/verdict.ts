import type { LastStep } from '../../core/challenge.ts'
import type { Evidence, Verdict } from '../../core/verdict.ts'
import type { SubmissionStatus } from '../../db/submissions.ts'
import type { Moment, StageRef } from './shell.ts'
import type { Trigger } from '../../core/triggers.ts'

/** Partial `verdict`: a stage's newest submission, or none yet. `GET /hunt/:id?fragment=verdict` answers with it alone. */
export interface VerdictModel {
  stage: StageRef
  /** What will be checked, for the time before a verdict. */
  checks: readonly string[]
  /** What makes a submission. */
  lastStep: LastStep
  /** The hunt stands still: what is done now is judged, or counts, from when it goes on. */
  paused: boolean
  submission: SubmissionModel | null
}

export interface SubmissionLine {
  id: string
  stage: StageRef
  trigger: Trigger
  receivedAt: Moment
  /** From when a passed one counts, where that is not its receipt: the first look that saw it so. */
  seenAt: Moment | null
  status: SubmissionStatus
  verdict: Verdict | null
  /** It is judged when the hunt runs. */
  held: 'paused' | 'before' | null
}

export interface SubmissionModel extends SubmissionLine {
  /** How often we looked. */
  looks: number
  /** How often of these we could see nothing, for a reason of ours. */
  unclear: number
  retryAt: Moment | null
  /** What is still under way, while it waits for that. */
  waitsFor: string | null
  waitsUntil: Moment | null
  /** Right, but from outside the hunt’s time. */
  late: { at: Moment; isSeen: boolean; end: Moment | null } | null
  supersededBy: string | null
  checks: readonly CheckModel[]
  /** What this submission brought, where it is the one that solved the stage. */
  solve: SolveModel | null
}

export interface SolveModel {
  award: number
  /** null while hidden or frozen. */
  rank: number | null
  first: boolean
  opened: readonly StageRef[]
  /** It was the last one. */
  reachedCity: boolean
}

export interface CheckModel {
  name: string
  verdict: Verdict
  findings: readonly FindingModel[]
  evidence: readonly EvidenceModel[]
}

export interface FindingModel {
  ok: boolean | null
  message: string
  expected?: string | undefined
  saw?: string | undefined
  where?: string | undefined
}

export interface EvidenceModel extends Evidence {
  /** Path of the page that shows it, where there is one. */
  href: string | null
}
