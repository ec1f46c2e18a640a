import type { Language } from '../core/text.ts'
import type { Sql } from './client.ts'

export interface MemberRow {
  id: string
  playerId: string | null
  name: string
  email: string | null
  passwordHash: string | null
  language: Language
  role: 'player' | 'organizer'
  createdAt: Date
  /** The player's, null for an organizer who does not play. */
  slug: string | null
  /** The player's too; the member's own where they play alone. */
  playerName: string | null
}

/** Of `members m` with their `players p`, as a `MemberRow` has them. */
export const memberColumns = (sql: Sql) =>
  sql`m.id, m.player_id, m.name, m.email, m.password_hash, m.language, m.role, m.created_at, p.slug, p.name as player_name`

export async function insertMember(
  sql: Sql,
  member: {
    playerId: string | null
    name: string
    skeleton: string
    email: string | null
    passwordHash: string | null
    language: Language
    role: 'player' | 'organizer'
  },
): Promise<string> {
  const [row] = await sql<[{ id: string }]>`
    insert into members (player_id, name, skeleton, email, password_hash, language, role)
    values (${member.playerId}, ${member.name}, ${member.skeleton}, ${member.email}, ${member.passwordHash},
      ${member.language}, ${member.role})
    returning id`
  return row.id
}

export async function memberById(sql: Sql, id: string): Promise<MemberRow | undefined> {
  const [row] = await sql<MemberRow[]>`
    select ${memberColumns(sql)} from members m left join players p on p.id = m.player_id where m.id = ${id}`
  return row
}

export async function memberBySkeleton(sql: Sql, skeleton: string): Promise<MemberRow | undefined> {
  const [row] = await sql<MemberRow[]>`
    select ${memberColumns(sql)} from members m left join players p on p.id = m.player_id where m.skeleton = ${skeleton}`
  return row
}

/** Who plays together, the first who came first. */
export async function membersOf(sql: Sql, playerId: string): Promise<MemberRow[]> {
  return await sql<MemberRow[]>`
    select ${memberColumns(sql)} from members m join players p on p.id = m.player_id
    where m.player_id = ${playerId} order by m.id`
}

/** Held to the end of the transaction: one change of a person's credentials at a time. */
export async function lockMember(sql: Sql, id: string): Promise<void> {
  await sql`select 1 from members where id = ${id} for no key update`
}

/** The same; the hash of the password as it is then. */
export async function lockPassword(sql: Sql, id: string): Promise<string | null | undefined> {
  const [row] = await sql<{ passwordHash: string | null }[]>`
    select password_hash from members where id = ${id} for no key update`
  return row?.passwordHash
}

export async function setPassword(sql: Sql, id: string, passwordHash: string): Promise<void> {
  await sql`update members set password_hash = ${passwordHash} where id = ${id}`
}

export async function setLanguage(sql: Sql, id: string, language: Language): Promise<void> {
  await sql`update members set language = ${language} where id = ${id}`
}

export async function renameMember(sql: Sql, id: string, name: string, skeleton: string): Promise<void> {
  await sql`update members set name = ${name}, skeleton = ${skeleton} where id = ${id}`
}

export async function makeOrganizer(sql: Sql, id: string): Promise<void> {
  await sql`update members set role = 'organizer' where id = ${id}`
}

/** Keeps a person from being removed until the transaction ends. False where they were. */
export async function holdMember(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql`select 1 from members where id = ${id} for key share`
  return rows.length > 0
}

/** Removes a person with all their credentials. */
export async function deleteMember(sql: Sql, id: string): Promise<void> {
  await sql`delete from members where id = ${id}`
}
