import type { Sql } from './client.ts'

export interface LinkRow {
  kind: 'password' | 'organizer'
  memberId: string | null
}

/** A new link of a kind takes the place of the older ones for the same member. */
export async function insertLink(
  sql: Sql,
  link: { hash: Buffer; kind: LinkRow['kind']; memberId: string | null; expiresAt: Date },
): Promise<void> {
  await sql`
    delete from one_time_links where kind = ${link.kind} and member_id is not distinct from ${link.memberId}`
  await sql`
    insert into one_time_links (hash, kind, member_id, expires_at)
    values (${link.hash}, ${link.kind}, ${link.memberId}, ${link.expiresAt})`
}

export async function findLink(sql: Sql, hash: Buffer, kind: LinkRow['kind']): Promise<LinkRow | undefined> {
  const [row] = await sql<LinkRow[]>`
    select kind, member_id from one_time_links
    where hash = ${hash} and kind = ${kind} and used_at is null and expires_at > now()`
  return row
}

/** Ends what was handed out and not used yet. */
export async function endLinks(sql: Sql, kind: LinkRow['kind'], memberId: string): Promise<void> {
  await sql`delete from one_time_links where kind = ${kind} and member_id = ${memberId} and used_at is null`
}

/** True for the one caller who used it. */
export async function useLink(sql: Sql, hash: Buffer, kind: LinkRow['kind']): Promise<LinkRow | undefined> {
  const [row] = await sql<LinkRow[]>`
    update one_time_links set used_at = now()
    where hash = ${hash} and kind = ${kind} and used_at is null and expires_at > now()
    returning kind, member_id`
  return row
}
