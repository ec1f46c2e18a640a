import type { Moment, ShownOnce } from '../../models/shell.ts'

/** GET /desk?find=; POST /desk/players/:slug/link {member, where several play}, /desk/players/:slug/hide {}, /desk/players/:slug/restore {}. */
export interface DeskPlayers {
  find: string
  rows: readonly DeskPlayerRow[]
  more: boolean
  total: number
  /** To new passwords, just made; `text` is the address. */
  resetLinks: readonly (ShownOnce & { name: string; expiresAt: Moment })[]
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
