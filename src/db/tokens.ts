import { memberColumns, type MemberRow } from './members.ts'
import type { Sql } from './client.ts'

export interface TokenRow {
  id: string
  name: string
  createdAt: Date
  lastUsedAt: Date | null
}

export async function insertToken(sql: Sql, memberId: string, name: string, hash: Buffer): Promise<TokenRow> {
  const [row] = await sql<[TokenRow]>`
    insert into tokens (member_id, name, hash) values (${memberId}, ${name}, ${hash})
    returning id, name, created_at, last_used_at`
  return row
}

export async function tokensOf(sql: Sql, memberId: string): Promise<TokenRow[]> {
  return await sql<TokenRow[]>`
    select id, name, created_at, last_used_at from tokens where member_id = ${memberId} order by id`
}

export async function deleteToken(sql: Sql, memberId: string, id: string): Promise<boolean> {
  const rows = await sql`delete from tokens where member_id = ${memberId} and id = ${id} returning id`
  return rows.length > 0
}

/** The member whose token hashes to this; notes the use at most once a minute. */
export async function memberByToken(sql: Sql, hash: Buffer): Promise<MemberRow | undefined> {
  const [row] = await sql<MemberRow[]>`
    with used as (
      update tokens set last_used_at = now()
      where hash = ${hash} and (last_used_at is null or last_used_at < now() - interval '1 minute')
    )
    select ${memberColumns(sql)}
    from tokens t join members m on m.id = t.member_id left join players p on p.id = m.player_id
    where t.hash = ${hash}`
  return row
}
