import { z } from 'zod'
import { registrations } from '../../../core/hunt.ts'
import { localized, pick, type Language } from '../../../core/text.ts'
import { recentAudit, type AuditRow } from '../../../db/audit.ts'
import type { Game } from '../../../game/game.ts'
import { stageRefOf } from '../../present/stage.ts'
import type { AuditValues, DeskAuditEntry } from './model.ts'

const shown = 30

export async function deskAudit(
  game: Pick<Game, 'sql' | 'hunt'>,
  language: Language,
): Promise<DeskAuditEntry[]> {
  return (await recentAudit(game.sql, shown)).map((row) => auditEntry(game, row, language))
}

/** A row in the words of who reads: what has none is left out. */
export function auditEntry(game: Pick<Game, 'hunt'>, row: AuditRow, language: Language): DeskAuditEntry {
  return { at: row.at, by: doer(row), action: row.action, values: valuesOf(game, row, language) }
}

function doer({ action, memberId, memberName }: AuditRow): DeskAuditEntry['by'] {
  if (memberName !== null) return { name: memberName }
  // Who left is written down by the server, when the row has no member any more.
  return memberId === null && action !== 'left' ? 'server' : 'somebody'
}

/** Of other versions, too: what is not there or of another form is left out. */
const details = z.object({
  number: z.number().catch(0),
  images: z.array(z.string()).catch([]),
  text: localized.nullable().catch(null),
  registration: z.enum(registrations).optional().catch(undefined),
  left: z.number().catch(0),
  unseen: z.number().catch(0),
})

function valuesOf(game: Pick<Game, 'hunt'>, row: AuditRow, language: Language): AuditValues {
  const { number, images, text, registration, left, unseen } = details.parse(row.detail)
  const what = /^player \d+: (.*)$/s.exec(row.subject)?.[1] ?? ''
  switch (row.action) {
    case 'hint-taken':
      return { number, stage: stageRefOf(game, what, language).title }
    case 'repository-reset':
      return { repository: what }
    case 'images-reset':
      return { images: images.join(', ') }
    case 'announced':
      return text ? { context: 'text', text: pick(text, language) } : {}
    case 'registration-set':
      return { context: registration }
    case 'board-torn-down':
      return left + unseen > 0 ? { context: 'left' } : {}
    default:
      return row.subjectName === null || row.subjectName === row.memberName
        ? {}
        : { context: 'other', name: row.subjectName }
  }
}
