import type { Sql } from './client.ts'

export interface RefusalRow {
  repository: string
  why: 'path' | 'storage'
  at: Date
}

/** Of one player; whoever asks for many names a minute wants to fill the table. */
const mostAMinute = 10
const mostKept = 20

/** Notes a push that was refused; false where it is known already, or one too many. */
export async function keepRefusal(
  sql: Sql,
  playerId: string,
  { repository, why }: Pick<RefusalRow, 'repository' | 'why'>,
): Promise<boolean> {
  const rows = await sql`
    insert into registry_refusals as kept (player_id, repository, why)
    select ${playerId}, ${repository}, ${why}
    where exists (select from registry_refusals
        where player_id = ${playerId} and repository = ${repository} and why = ${why})
      or (select count(*) from registry_refusals
        where player_id = ${playerId} and first_at > now() - interval '1 minute') < ${mostAMinute}
    on conflict (player_id, repository, why) do update set at = now()
      where kept.at < now() - interval '1 second'
    returning 1`
  if (rows.length === 0) return false
  await sql`
    delete from registry_refusals where player_id = ${playerId} and (repository, why) in (
      select repository, why from registry_refusals
      where player_id = ${playerId} order by at desc offset ${mostKept})`
  return true
}

/** The newest first. */
export async function refusalsOf(sql: Sql, playerId: string): Promise<RefusalRow[]> {
  return await sql<RefusalRow[]>`
    select repository, why, at from registry_refusals where player_id = ${playerId} order by at desc`
}
