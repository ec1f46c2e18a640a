import type { Moment } from '../../models/shell.ts'

export interface DeskAuditEntry {
  at: Moment
  /** null: the command line or the server itself. */
  by: string | null
  /** As in the audit log; a key of `audit` in the locales where it has a text there. */
  action: string
  subject: string
  detail: string
}
