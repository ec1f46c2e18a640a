import type { Verdict } from '../../../core/verdict.ts'
import type { Moment } from '../../models/shell.ts'
import type { SubmissionLine, SubmissionModel } from '../../models/verdict.ts'

/** GET /desk?player= &challenge= &verdict= &before= */
export interface DeskSubmissions {
  filter: { player: string; challenge: string; verdict: Verdict | '' }
  rows: readonly DeskSubmissionLine[]
  /** Path with query of the older ones, null when these are all. */
  older: string | null
}

export interface DeskSubmissionLine extends SubmissionLine {
  slug: string
  /** null once the player left. */
  name: string | null
}

/** `/desk/submissions/:id` */
export interface DeskSubmissionPage {
  submission: SubmissionModel & { slug: string; name: string | null; finishedAt: Moment | null }
}
