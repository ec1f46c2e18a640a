import type { Sql } from './client.ts'

export type EventKind = 'solve' | 'player' | 'hunt' | 'submission' | 'workspace' | 'announcement'

/** What the trigger on `events` sends to every listening process. */
export interface EventNote {
  id: string
  kind: EventKind
  playerId: string | null
  subject: string
}

/** Heard by every process once the transaction commits, in the order of writing. */
export async function tell(
  sql: Sql,
  kind: EventKind,
  playerId: string | null,
  subject: string,
): Promise<void> {
  await sql`insert into events (kind, player_id, subject) values (${kind}, ${playerId}, ${subject})`
}

/**
 * A player's own events since one that was seen, the newest two hundred. Ids are given out before commits, so events of
 * the last seconds before it come again: readers take them as "look again", not as changes.
 */
export async function eventsSince(sql: Sql, playerId: string, id: string): Promise<EventNote[]> {
  const newest = await sql<EventNote[]>`
    select id, kind, player_id, subject from events
    where player_id = ${playerId} and kind in ('submission', 'workspace')
      and created_at > coalesce((select created_at from events where id = ${id}), now() - interval '1 hour') - interval '5 seconds'
      and id <> ${id}
    order by id desc limit 200`
  return newest.reverse()
}

export async function pruneEvents(sql: Sql): Promise<void> {
  await sql`delete from events where created_at < now() - interval '1 day'`
}
