import type { Sql } from './client.ts'
import { jsonOf } from './json.ts'

export interface KeptAnswer {
  requestHash: Buffer
  /** null while the first request is still being answered. */
  status: number | null
  body: unknown
}

/**
 * True for the first request with this key; the others read what it was answered. One that was not answered within a
 * minute died with its process, and the same request takes its place.
 */
export async function takeKey(sql: Sql, scope: string, key: string, requestHash: Buffer): Promise<boolean> {
  const rows = await sql`
    insert into idempotency_keys (scope, key, request_hash) values (${scope}, ${key}, ${requestHash})
    on conflict (scope, key) do update set created_at = now()
      where idempotency_keys.status is null and idempotency_keys.request_hash = excluded.request_hash
        and idempotency_keys.created_at < now() - interval '1 minute'
    returning key`
  return rows.length > 0
}

export async function readKey(sql: Sql, scope: string, key: string): Promise<KeptAnswer | undefined> {
  const [row] = await sql<KeptAnswer[]>`
    select request_hash, status, body from idempotency_keys where scope = ${scope} and key = ${key}`
  return row
}

export async function answerKey(
  sql: Sql,
  scope: string,
  key: string,
  status: number,
  body: unknown,
): Promise<void> {
  await sql`
    update idempotency_keys set status = ${status}, body = ${jsonOf(body)}::text::jsonb
    where scope = ${scope} and key = ${key}`
}

export async function dropKey(sql: Sql, scope: string, key: string): Promise<void> {
  await sql`delete from idempotency_keys where scope = ${scope} and key = ${key}`
}

export async function dropKeysOf(sql: Sql, memberId: string): Promise<void> {
  await sql`delete from idempotency_keys where scope = ${memberScope(memberId)}`
}

/** Where the answers to a member's requests are kept. */
export function memberScope(memberId: string): string {
  return `member ${memberId}`
}

export async function pruneKeys(sql: Sql): Promise<void> {
  await sql`delete from idempotency_keys where created_at < now() - interval '1 day'`
}
