import type { WorkspaceState } from '../../../core/workspace.ts'
import type { Moment } from '../../models/shell.ts'

/**
 * `/desk/workspaces`: GET ?find= &state= &cluster=; POST /desk/workspaces/:slug/repair {}, /desk/workspaces/:slug/reset {} after
 * GET of the same address, which asks.
 */
export interface DeskWorkspacesPage {
  /** Columns: the way of a workspace, and whatever other states there are. */
  states: readonly WorkspaceState[]
  /** States that one may look for: all, so that the form stays as it is while the columns change. */
  choices: readonly WorkspaceState[]
  clusters: readonly {
    /** null: those that have no cluster yet. */
    name: string | null
    /** null where board.yaml does not name it any more. */
    capacity: number | null
    used: number
    counts: readonly { state: WorkspaceState; count: number }[]
  }[]
  filter: { find: string; state: WorkspaceState | ''; cluster: string }
  rows: readonly DeskWorkspaceRow[]
  more: boolean
}

export interface DeskWorkspaceRow {
  slug: string
  /** null once the player left. */
  name: string | null
  state: WorkspaceState
  cluster: string | null
  /** Since it was asked for. */
  age: Age
  changedAt: Moment
  expiresAt: Moment | null
  /** The last error, or what blocks a deletion; null where all is well. */
  trouble: {
    reason: string
    surprises: readonly { id: string; expected: string; saw: string }[]
    attempt: number
    /** null: not tried again by itself. */
    nextTry: Moment | null
  } | null
  mayRepair: boolean
  mayReset: boolean
}

export interface Age {
  /** A key of `age` in the locales. */
  unit: 'minutes' | 'hours' | 'days'
  count: number
}

/** `/desk/workspaces/:slug/reset` */
export interface DeskResetPage {
  slug: string
  name: string
  namespaces: readonly string[]
}
