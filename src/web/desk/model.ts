import type { Verdict } from '../../core/verdict.ts'
import type { FormState, Moment, StageRef } from '../models/shell.ts'
import type { SubmissionLine, SubmissionModel } from '../models/verdict.ts'

/**
 * `/desk`, the organizer's one page. GET ?find= (players), ?player= &challenge= &verdict= &before= (submissions).
 * POST /desk/window {start, end, freeze as local times of the hunt's zone or '', from: 'desk' | 'file'}, /desk/freeze/lift {},
 * /desk/pause {paused: 'yes' | 'no'}, /desk/registration {registration, code}, /desk/announcement {en, fr},
 * /desk/announcement/withdraw {}, /desk/players/:slug/link {}, /desk/players/:slug/hide {}, /desk/players/:slug/restore {}.
 */
export interface DeskPage {
  window: {
    /** Local times of the hunt's zone as `<input type="datetime-local">` has them, '' for none. */
    start: string
    end: string
    freeze: string
    /** The desk says otherwise than hunt.yaml. */
    overridden: boolean
    form: FormState
  }
  /** The leaderboard stands still. */
  frozen: boolean
  paused: { since: Moment } | null
  registration: { mode: 'open' | 'code' | 'closed'; code: string }
  announcement: { en: string; fr: string; at: Moment } | null
  players: { find: string; rows: readonly DeskPlayerRow[]; more: boolean; total: number }
  /** Just made: shown this once. */
  resetLink: { name: string; url: string; expiresAt: Moment } | null
  submissions: {
    filter: { player: string; challenge: string; verdict: Verdict | '' }
    rows: readonly DeskSubmissionLine[]
    /** Path with query of the older ones, null when these are all. */
    older: string | null
  }
  /** How many failed; null where the board has no cluster. */
  workspaces: { failed: number } | null
  stages: readonly (StageRef & { tried: number; solved: number })[]
  audit: readonly {
    at: Moment
    /** null: the command line or the server itself. */
    by: string | null
    /** As in the audit log; a key of `audit` in the locales where it has a text there. */
    action: string
    subject: string
    detail: string
  }[]
}

export interface DeskPlayerRow {
  slug: string
  name: string
  score: number
  solved: number
  hidden: boolean
  createdAt: Moment
  lastSeenAt: Moment | null
  /** Takes hints and never pushes. */
  hintsOnly: boolean
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
