import type { Snapshot } from '../core/snapshot.ts'
import type { Sql } from './client.ts'
import { jsonOf } from './json.ts'

/** True the first time. Of who has left nothing is noted. */
export async function noteRepository(sql: Sql, playerId: string, name: string): Promise<boolean> {
  const rows = await sql`
    insert into repositories (player_id, name)
    select id, ${name} from players where id = ${playerId} and state = 'active' for key share
    on conflict do nothing returning name`
  return rows.length > 0
}

/** What was pushed until then is of no use any more, once it is older than a push may take. */
export async function noteReset(sql: Sql, playerId: string, name: string): Promise<void> {
  await sql`
    update repositories set reset_at = now(), tidy_at = least(tidy_at, now() + interval '11 minutes')
    where player_id = ${playerId} and name = ${name}`
}

export async function repositoriesOf(sql: Sql, playerId: string): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select name from repositories where player_id = ${playerId} order by created_at, name`
  return rows.map((row) => row.name)
}

/** All that anybody has, in a fixed order. */
export async function allRepositories(sql: Sql): Promise<{ slug: string; name: string }[]> {
  return await sql<{ slug: string; name: string }[]>`
    select p.slug, r.name from repositories r join players p on p.id = r.player_id order by p.slug, r.name`
}

/** null where the player has left. */
export async function openPush(
  sql: Sql,
  playerId: string,
  repository: string,
  before: Snapshot,
): Promise<string | null> {
  const [row] = await sql<{ id: string }[]>`
    insert into pushes (player_id, repository, before)
    select id, ${repository}, ${jsonOf(before)}::text::jsonb from players
    where id = ${playerId} and state = 'active' for key share
    returning id`
  return row?.id ?? null
}

export async function closePush(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql`
    with done as (
      update pushes set done_at = now() where id = ${id} and done_at is null returning player_id, repository
    ), due as (
      update repositories r set tidy_at = least(r.tidy_at, now() + interval '2 hours 5 minutes')
      from done d where r.player_id = d.player_id and r.name = d.repository
    )
    select from done`
  return rows.length > 0
}

/** The refs as the next push found them; undefined where there was none. */
export async function foundByNextPush(
  sql: Sql,
  push: Pick<PushRow, 'id' | 'playerId' | 'repository'>,
): Promise<Snapshot | undefined> {
  const [row] = await sql<{ before: Snapshot }[]>`
    select before from pushes where player_id = ${push.playerId} and repository = ${push.repository} and id > ${push.id}
    order by id limit 1`
  return row?.before
}

export interface PushRow {
  id: string
  playerId: string
  slug: string
  repository: string
  receivedAt: Date
  before: Snapshot
  /** The player has left meanwhile. */
  left: boolean
}

/**
 * Pushes that nobody finished, some at a time: the process died, or the database was away, between Git's write and ours.
 */
export async function* forgottenPushes(sql: Sql, olderThanSeconds: number): AsyncGenerator<PushRow[]> {
  for (let after: string | undefined = '0'; after !== undefined;) {
    const rows: PushRow[] = await sql<PushRow[]>`
      select u.id, u.player_id, p.slug, u.repository, u.received_at, u.before, p.state = 'left' as "left"
      from pushes u join players p on p.id = u.player_id
      where u.done_at is null and u.received_at < now() - make_interval(secs => ${olderThanSeconds}) and u.id > ${after}
      order by u.id limit 500`
    if (rows.length > 0) yield rows
    after = rows.at(-1)?.id
  }
}
