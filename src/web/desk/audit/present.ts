import { recentAudit } from '../../../db/audit.ts'
import type { Game } from '../../../game/game.ts'
import type { DeskAuditEntry } from './model.ts'

const shown = 30

export async function deskAudit({ sql }: Pick<Game, 'sql'>): Promise<DeskAuditEntry[]> {
  return (await recentAudit(sql, shown)).map((entry) => ({
    at: entry.at,
    by: entry.memberName,
    action: entry.action,
    subject: entry.subject,
    detail: Object.keys(entry.detail).length === 0 ? '' : JSON.stringify(entry.detail).slice(0, 300),
  }))
}
