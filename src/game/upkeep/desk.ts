import type { Registration } from '../../core/hunt.ts'
import type { Localized } from '../../core/text.ts'
import type { WindowOverrides } from '../../core/window.ts'
import { aboutPlayer, note, type AuditAction } from '../../db/audit.ts'
import type { Sql } from '../../db/client.ts'
import { tell } from '../../db/events.ts'
import {
  insertAnnouncement,
  lockHunt,
  notePause,
  withdrawAnnouncements,
  writeHunt,
  type HuntRow,
} from '../../db/hunt.ts'
import { hidePlayer, playerBySlug } from '../../db/players.ts'
import { prolongWaits } from '../../db/submissions.ts'
import { Refusal } from '../../lib/errors.ts'
import type { Game } from '../game.ts'
import { effective } from '../settings.ts'

async function change(
  game: Pick<Game, 'sql' | 'hunt' | 'settings'>,
  by: string,
  action: AuditAction,
  detail: Record<string, unknown>,
  edit: (row: HuntRow) => HuntRow,
  also: (sql: Sql, before: HuntRow) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await game.sql.begin(async (sql) => {
    const row = await lockHunt(sql, 'update')
    const next = edit(row)
    const { window } = effective(game.hunt, next)
    if (window.start && window.end && window.start >= window.end)
      throw new Refusal(422, 'window-order', 'The end must come after the start.')
    if (window.freeze && window.end && window.freeze > window.end)
      throw new Refusal(422, 'window-freeze', 'The freeze must come before the end.')
    await writeHunt(sql, next)
    await also(sql, row)
    await note(sql, { memberId: by, action, subject: 'hunt', detail })
    await tell(sql, 'hunt', null, action)
  })
  await game.settings.load()
}

/** Times as RFC 3339; null: none; undefined: as hunt.yaml says. */
export async function setWindow(
  game: Pick<Game, 'sql' | 'hunt' | 'settings'>,
  by: string,
  window: WindowOverrides,
): Promise<void> {
  await change(game, by, 'window-set', { ...window }, (row) => {
    const { registration } = row.overrides
    return { ...row, overrides: { ...window, ...(registration && { registration }) } }
  })
}

/** From now on everybody sees what happened since. */
export async function liftFreeze(game: Pick<Game, 'sql' | 'hunt' | 'settings'>, by: string): Promise<void> {
  await change(game, by, 'freeze-lifted', {}, (row) => ({
    ...row,
    overrides: { ...row.overrides, freeze: null },
  }))
}

export async function setRegistration(
  game: Pick<Game, 'sql' | 'hunt' | 'settings'>,
  by: string,
  registration: Registration,
  code: string | null,
): Promise<void> {
  await change(game, by, 'registration-set', { registration, code: code !== null }, (row) => ({
    ...row,
    overrides: { ...row.overrides, registration },
    registrationCode: code,
  }))
}

export async function setPause(
  game: Pick<Game, 'sql' | 'hunt' | 'settings'>,
  by: string,
  paused: boolean,
): Promise<void> {
  const edit = (row: HuntRow) => ({ ...row, pausedAt: paused ? (row.pausedAt ?? new Date()) : null })
  await change(game, by, paused ? 'paused' : 'resumed', {}, edit, async (sql, { pausedAt }) => {
    if (paused || pausedAt === null) return
    const pause = { from: pausedAt, until: new Date() }
    await notePause(sql, pause)
    await prolongWaits(sql, pause)
  })
}

export async function announce(
  game: Pick<Game, 'sql' | 'settings'>,
  by: string,
  text: Localized | null,
): Promise<void> {
  await game.sql.begin(async (sql) => {
    await withdrawAnnouncements(sql)
    const id = text === null ? 'withdrawn' : await insertAnnouncement(sql, text)
    await note(sql, {
      memberId: by,
      action: text === null ? 'announcement-withdrawn' : 'announced',
      subject: 'hunt',
      detail: { text },
    })
    await tell(sql, 'announcement', null, id)
  })
  await game.settings.load()
}

export async function setHidden(
  game: Pick<Game, 'sql'>,
  by: string,
  slug: string,
  hidden: boolean,
): Promise<void> {
  const player = await playerBySlug(game.sql, slug)
  if (!player) throw new Refusal(404, 'no-player', 'There is no such player.')
  await game.sql.begin(async (sql) => {
    if (!(await hidePlayer(sql, player.id, hidden))) return
    await note(sql, { memberId: by, action: hidden ? 'hidden' : 'restored', subject: aboutPlayer(player.id) })
    await tell(sql, 'player', player.id, slug)
  })
}
