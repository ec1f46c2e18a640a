import type { DeskAuditEntry } from './audit/model.ts'
import type { DeskHunt } from './hunt/model.ts'
import type { DeskPlayers } from './players/model.ts'
import type { DeskStage } from './stages/model.ts'
import type { DeskSubmissionPage, DeskSubmissions } from './submissions/model.ts'
import type { DeskResetPage, DeskWorkspacesPage } from './workspaces/model.ts'

/** `/desk`: what each room puts there. Forms and queries stand beside the rooms' models. */
export interface DeskPage {
  hunt: DeskHunt
  stages: readonly DeskStage[]
  players: DeskPlayers
  submissions: DeskSubmissions
  /** How many failed; null where the board has no cluster. */
  workspaces: { failed: number } | null
  audit: readonly DeskAuditEntry[]
}

/** The desk's own page, and those that its rooms have beside it. */
export interface DeskPages {
  desk: DeskPage
  'desk-submission': DeskSubmissionPage
  'desk-workspaces': DeskWorkspacesPage
  'desk-workspace-reset': DeskResetPage
}
