import type { Registration } from '../core/hunt.ts'
import type { Pause, WindowOverrides } from '../core/window.ts'
import type { Localized } from '../core/text.ts'
import type { Sql } from './client.ts'
import { jsonOf } from './json.ts'

export interface HuntRow {
  overrides: WindowOverrides & { registration?: Registration }
  pausedAt: Date | null
  registrationCode: string | null
}

export async function readHunt(sql: Sql): Promise<HuntRow> {
  const [row] = await sql<[HuntRow]>`select overrides, paused_at, registration_code from hunt where id = 1`
  return row
}

/** The same, with the row locked: a change of the window waits for the solves that are being written, and they for it. */
export async function lockHunt(sql: Sql, mode: 'share' | 'update'): Promise<HuntRow> {
  const [row] = await sql<[HuntRow]>`
    select overrides, paused_at, registration_code from hunt where id = 1
    ${mode === 'share' ? sql`for share` : sql`for update`}`
  return row
}

export async function writeHunt(sql: Sql, hunt: HuntRow): Promise<void> {
  await sql`
    update hunt set overrides = ${jsonOf(hunt.overrides)}::text::jsonb, paused_at = ${hunt.pausedAt},
      registration_code = ${hunt.registrationCode}
    where id = 1`
}

/** Pauses that are over. */
export async function pausesOf(sql: Sql): Promise<Pause[]> {
  return await sql<Pause[]>`select from_at as "from", until_at as until from pauses order by from_at`
}

export async function notePause(sql: Sql, { from, until }: Pause): Promise<void> {
  await sql`insert into pauses (from_at, until_at) values (${from}, greatest(${from}, ${until})) on conflict do nothing`
}

/** What this server is called on clusters: `first` from the first time on, whatever is given later. */
export async function keepServerId(sql: Sql, first: string): Promise<string> {
  await sql`update hunt set server = ${first} where id = 1 and server is null`
  const [row] = await sql<[{ server: string }]>`select server from hunt where id = 1`
  return row.server
}

export async function noteChallenges(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql`insert into challenges (id) select unnest(${ids as string[]}::text[]) on conflict do nothing`
}

export interface AnnouncementRow {
  id: string
  text: Localized
  createdAt: Date
}

export async function insertAnnouncement(sql: Sql, text: Localized): Promise<string> {
  const [row] = await sql<[{ id: string }]>`
    insert into announcements (text) values (${jsonOf(text)}::text::jsonb) returning id`
  return row.id
}

/** The newest one, unless it was withdrawn. */
export async function currentAnnouncement(sql: Sql): Promise<AnnouncementRow | undefined> {
  const [row] = await sql<(AnnouncementRow & { withdrawnAt: Date | null })[]>`
    select id, text, created_at, withdrawn_at from announcements order by id desc limit 1`
  return row && row.withdrawnAt === null ? row : undefined
}

export async function withdrawAnnouncements(sql: Sql): Promise<void> {
  await sql`update announcements set withdrawn_at = now() where withdrawn_at is null`
}
