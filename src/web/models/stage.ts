import type { Language } from '../../core/text.ts'
import type { ChallengeState } from '../../core/unlock.ts'
import type { DiagnosisModel } from './diagnosis.ts'
import type { FormState, StageRef } from './shell.ts'
import type { SubmissionLine, VerdictModel } from './verdict.ts'

/** `/hunt/:id`: POST …/check {answer?}, …/hints/:number {}, …/reset {}; GET ?lang= reads the story in another language. */
export interface StagePage {
  stage: StageRef & {
    points: number
    state: ChallengeState
    repository: string | null
    images: readonly string[]
    retired: boolean
  }
  /** HTML, already safe. */
  story: string
  storyLanguage: Language
  storyLanguages: readonly Language[]
  /** Names of what will be checked, in order; the verdict panel says how each went. */
  checks: readonly string[]
  hints: readonly HintModel[]
  /** What the hints taken so far cost. */
  hintsCost: number
  /** The lines to type, with this player's values; null where there are none. */
  commands: string | null
  /** The line that logs in to the registry; null where the stage does not need it. */
  login: string | null
  /** Who asks for the player's token; null where no printed line talks to a server that does. */
  asks: 'git' | 'registry' | 'both' | null
  answer: { wanted: boolean; form: FormState }
  verdict: VerdictModel
  /** null where the stage is not on the cluster, or is solved. */
  diagnosis: DiagnosisModel | null
  history: readonly SubmissionLine[]
  previous: StageRef | null
  next: StageRef | null
  solves: number
}

export interface HintModel {
  number: number
  price: number
  taken: boolean
  /** HTML, already safe; only once taken. */
  text: string | null
  /** The next one that may be taken. */
  available: boolean
}
