import type { Sql } from './client.ts'

export async function readSession(sql: Sql, hash: Buffer): Promise<{ data: unknown } | undefined> {
  const [row] = await sql<{ data: unknown }[]>`
    select data from sessions where hash = ${hash} and expires_at > now()`
  return row
}

export interface SessionRow {
  hash: Buffer
  memberId: string | null
  /** JSON. */
  data: string
  expiresAt: Date
}

export async function insertSession(sql: Sql, session: SessionRow): Promise<void> {
  await sql`
    insert into sessions (hash, member_id, data, expires_at)
    values (${session.hash}, ${session.memberId}, ${session.data}::text::jsonb, ${session.expiresAt})`
}

/** Does nothing where it has ended meanwhile. */
export async function rewriteSession(sql: Sql, session: SessionRow): Promise<void> {
  await sql`
    update sessions set member_id = ${session.memberId}, data = ${session.data}::text::jsonb, expires_at = ${session.expiresAt}
    where hash = ${session.hash}`
}

export async function touchSession(sql: Sql, hash: Buffer, expiresAt: Date): Promise<void> {
  await sql`update sessions set expires_at = ${expiresAt} where hash = ${hash}`
}

export async function deleteSession(sql: Sql, hash: Buffer): Promise<void> {
  await sql`delete from sessions where hash = ${hash}`
}

/** Logs a member out everywhere, but for one session. */
export async function deleteSessionsOf(sql: Sql, memberId: string, except: Buffer | null): Promise<void> {
  await sql`delete from sessions where member_id = ${memberId} and hash is distinct from ${except}`
}

export async function pruneSessions(sql: Sql): Promise<void> {
  await sql`delete from sessions where expires_at < now()`
}
