import type { Moment } from '../../models/shell.ts'

export interface DeskAuditEntry {
  at: Moment
  /** Without a name: the command line or the server itself, or somebody who has left. */
  by: { name: string } | 'server' | 'somebody'
  /** As in the audit log; a key of `audit` in the locales. */
  action: string
  /** What the sentence of the action needs; `context` says which of its forms. */
  values: AuditValues
}

export interface AuditValues {
  context?: 'other' | 'text' | 'left' | 'open' | 'code' | 'closed' | undefined
  /** Whom it was done to, where that is not who did it. */
  name?: string
  number?: number
  stage?: string
  repository?: string
  images?: string
  text?: string
}
