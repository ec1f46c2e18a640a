import type { Sql } from './client.ts'
import { jsonOf } from './json.ts'

/** Everything that is written down. Each is a sentence on the desk, `audit` in the locales. */
export const auditActions = [
  'registered',
  'renamed',
  'left',
  'token-created',
  'token-revoked',
  'password-link',
  'password-changed',
  'password-reset',
  'organizer-link-used',
  'made-organizer',
  'repository-reset',
  'images-reset',
  'hint-taken',
  'hidden',
  'restored',
  'announced',
  'announcement-withdrawn',
  'freeze-lifted',
  'window-set',
  'registration-set',
  'paused',
  'resumed',
  'workspace-reset',
  'image-deleted',
  'workspace-renewed',
  'workspace-repaired',
  'workspace-lost',
  'workspace-freed',
  'board-torn-down',
] as const
export type AuditAction = (typeof auditActions)[number]

/**
 * Who did what to whom; append-only. `memberId` null: the command line or the server itself. Never a secret in `detail`, and no
 * name or slug anywhere: nothing of it can be taken back when somebody leaves.
 */
export async function note(
  sql: Sql,
  entry: { memberId: string | null; action: AuditAction; subject: string; detail?: Record<string, unknown> },
): Promise<void> {
  await sql`
    insert into audit (member_id, action, subject, detail)
    values (${entry.memberId}, ${entry.action}, ${entry.subject}, ${jsonOf(entry.detail ?? {})}::text::jsonb)`
}

/** How the log names a player, and what of theirs. */
export function aboutPlayer(playerId: string, what?: string): string {
  return what === undefined ? `player ${playerId}` : `player ${playerId}: ${what}`
}

export interface AuditRow {
  id: string
  at: Date
  memberId: string | null
  memberName: string | null
  action: string
  subject: string
  /** Of the player or the member whom the subject names; null where it names none, or they have left. */
  subjectName: string | null
  detail: Record<string, unknown>
}

export async function recentAudit(sql: Sql, limit: number): Promise<AuditRow[]> {
  return await sql<AuditRow[]>`
    select a.id, a.at, a.member_id, m.name as member_name, a.action, a.subject, a.detail,
      coalesce(p.name, o.name) as subject_name
    from audit a
      left join members m on m.id = a.member_id
      left join players p on p.id = substring(a.subject from '^player (\\d{1,18})(?::|$)')::bigint
      left join members o on o.id = substring(a.subject from '^member (\\d{1,18})$')::bigint
    order by a.id desc limit ${limit}`
}
