import type { Sql } from './client.ts'
import type { EventNote } from './events.ts'

/** Id of the newest event, `0` before the first. */
export async function newestEvent(sql: Sql): Promise<string> {
  const [row] = await sql<[{ id: string }]>`select coalesce(max(id), 0)::text as id from events`
  return row.id
}

/**
 * What of their own these players may have missed since an event, after notes were lost with the connection: each thing
 * once. Ids are given out before commits, so it looks a little further back.
 */
export async function missedEvents(
  sql: Sql,
  playerIds: readonly string[],
  since: string,
): Promise<EventNote[]> {
  return await sql<EventNote[]>`
    select distinct on (kind, subject) id, kind, player_id, subject from events
    where player_id = any(${playerIds as string[]}::bigint[]) and kind in ('submission', 'workspace') and id > ${since}::bigint - 50
    order by kind, subject, id desc limit 20000`
}
