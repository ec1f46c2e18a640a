import type { Sql } from './client.ts'

export async function readSession(sql: Sql, hash: Buffer): Promise<{ data: unknown } | undefined> {
  const [row] = await sql<{ data: unknown }[]>`
    select data from sessions where hash = ${hash} and expires_at > now()`
  return row
}

export async function writeSession(
  sql: Sql,
  session: { hash: Buffer; memberId: string | null; data: string; expiresAt: Date },
): Promise<void> {
  await sql`
    insert into sessions (hash, member_id, data, expires_at)
    values (${session.hash}, ${session.memberId}, ${session.data}::text::jsonb, ${session.expiresAt})
    on conflict (hash) do update set member_id = excluded.member_id, data = excluded.data, expires_at = excluded.expires_at`
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
