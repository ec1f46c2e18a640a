import type { Sql } from './client.ts'

export interface KeepsakeRow {
  id: string
  kind: string
  sealed: Buffer
  expiresAt: Date
}

/** False where the session has ended. */
export async function insertKeepsake(
  sql: Sql,
  session: Buffer,
  { id, kind, sealed, minutes }: Omit<KeepsakeRow, 'expiresAt'> & { minutes: number },
): Promise<boolean> {
  // Held, so that it does not end in between.
  const { count } = await sql`
    insert into keepsakes (session, id, kind, sealed, expires_at)
    select hash, ${id}, ${kind}, ${sealed}, now() + make_interval(mins => ${minutes})
    from sessions where hash = ${session} for key share`
  return count > 0
}

/** Of one session, the newest first. */
export async function keepsakesOf(sql: Sql, session: Buffer): Promise<KeepsakeRow[]> {
  return await sql<KeepsakeRow[]>`
    select id, kind, sealed, expires_at from keepsakes
    where session = ${session} and expires_at > now() order by expires_at desc, id`
}

export async function deleteKeepsake(sql: Sql, session: Buffer, id: string): Promise<void> {
  await sql`delete from keepsakes where session = ${session} and id = ${id}`
}

/** Leaves a session the newest of a kind. */
export async function trimKeepsakes(sql: Sql, session: Buffer, kind: string, most: number): Promise<void> {
  await sql`
    delete from keepsakes where session = ${session} and kind = ${kind} and id not in (
      select id from keepsakes where session = ${session} and kind = ${kind} order by expires_at desc limit ${most})`
}

export async function pruneKeepsakes(sql: Sql): Promise<void> {
  await sql`delete from keepsakes where expires_at < now()`
}
