import type { Sql } from './client.ts'

/** Who did what to whom; append-only. `memberId` null: the command line or the server itself. Never a secret in `detail`. */
export async function note(
  sql: Sql,
  entry: { memberId: string | null; action: string; subject: string; detail?: Record<string, unknown> },
): Promise<void> {
  await sql`
    insert into audit (member_id, action, subject, detail)
    values (${entry.memberId}, ${entry.action}, ${entry.subject}, ${JSON.stringify(entry.detail ?? {})}::text::jsonb)`
}

export interface AuditRow {
  id: string
  at: Date
  memberId: string | null
  memberName: string | null
  action: string
  subject: string
  detail: Record<string, unknown>
}

export async function recentAudit(sql: Sql, limit: number): Promise<AuditRow[]> {
  return await sql<AuditRow[]>`
    select a.id, a.at, a.member_id, m.name as member_name, a.action, a.subject, a.detail
    from audit a left join members m on m.id = a.member_id order by a.id desc limit ${limit}`
}
