import { recentAudit, type AuditRow } from '../../../db/audit.ts'
import type { Game } from '../../../game/game.ts'
import type { DeskAuditEntry } from './model.ts'

const shown = 30

export async function deskAudit({ sql }: Pick<Game, 'sql'>): Promise<DeskAuditEntry[]> {
  return (await recentAudit(sql, shown)).map((entry) => ({
    at: entry.at,
    by: entry.memberName,
    action: entry.action,
    subject: named(entry),
    detail: Object.keys(entry.detail).length === 0 ? '' : JSON.stringify(entry.detail).slice(0, 300),
  }))
}

/** By the name in the place of the number, while there is one. */
function named({ subject, subjectName }: Pick<AuditRow, 'subject' | 'subjectName'>): string {
  return subjectName === null
    ? subject
    : subject.replace(/^(player|member) \d+/, (_, who) => `${who} ${subjectName}`)
}
