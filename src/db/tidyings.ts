import type { Sql } from './client.ts'
import { jsonOf } from './json.ts'

/** How long whole commits are kept for the evidence of a verdict, where room is short. */
const wholeFor = '2 hours'

export interface TidyingRow {
  playerId: string
  slug: string
  name: string
  /** Until when it is this caller's, to the millisecond. */
  lease: Date
}

/** One repository in which there may be room to free; for longer than that takes, nobody else is given it. */
export async function claimTidying(sql: Sql): Promise<TidyingRow | undefined> {
  const [row] = await sql<TidyingRow[]>`
    update repositories r set tidy_at = date_trunc('milliseconds', now()) + interval '2 hours 10 minutes'
    from (
      select d.player_id, d.name, p.slug from repositories d join players p on p.id = d.player_id
      where d.tidy_at <= now() and p.state = 'active' order by d.tidy_at limit 1 for update of d skip locked
    ) due
    where r.player_id = due.player_id and r.name = due.name
    returning r.player_id, due.slug, r.name, r.tidy_at as lease`
  return row
}

/** `more`: something is left that may go later. What was pushed meanwhile says by itself when the next time is. */
export async function finishTidying(sql: Sql, done: TidyingRow, more: boolean): Promise<void> {
  await sql`
    update repositories r set tidy_at = case
      when ${more} or exists (
        select from pushes u where u.player_id = r.player_id and u.repository = r.name
          and u.received_at > now() - interval '2 hours 10 minutes')
      then now() + interval '15 minutes' end
    where player_id = ${done.playerId} and name = ${done.name} and tidy_at = ${done.lease}`
}

/** Commits that are the evidence of a verdict that is fresh, or still to come; a reset makes all before it old. */
export async function freshEvidence(
  sql: Sql,
  { playerId, name }: Pick<TidyingRow, 'playerId' | 'name'>,
): Promise<string[]> {
  const rows = await sql<{ sha: string }[]>`
    select distinct one ->> 'revision' as sha
    from submissions s
    join check_results c on c.submission_id = s.id
    cross join jsonb_array_elements(c.evidence) one
    left join repositories r on r.player_id = s.player_id and r.name = ${name}
    where s.player_id = ${playerId} and one ->> 'what' = 'commit'
      and (s.finished_at is null or s.finished_at > greatest(now() - ${wholeFor}::interval, r.reset_at))`
  return rows.map(({ sha }) => sha)
}

/** What the refs named when those submissions came in that are still to be judged. */
export async function unjudgedObjects(
  sql: Sql,
  { playerId, name }: Pick<TidyingRow, 'playerId' | 'name'>,
): Promise<string[]> {
  const rows = await sql<{ oid: string }[]>`
    select distinct ref.value as oid
    from submissions s cross join jsonb_each_text(s.snapshots -> ${name} -> 'refs') ref
    where s.player_id = ${playerId} and s.status in ('queued', 'running', 'waiting')
      and s.snapshots -> ${name} -> 'refs' is not null`
  return rows.map(({ oid }) => oid)
}

/** What is shown of a commit whose objects were let go. */
export async function keepCommit(
  sql: Sql,
  { playerId, name }: Pick<TidyingRow, 'playerId' | 'name'>,
  sha: string,
  view: unknown,
): Promise<void> {
  await sql`
    insert into kept_commits (player_id, repository, sha, view)
    select id, ${name}, ${sha}, ${jsonOf(view)}::text::jsonb from players where id = ${playerId} and state = 'active'
    on conflict do nothing`
}

export async function keptCommit(
  sql: Sql,
  { playerId, name }: Pick<TidyingRow, 'playerId' | 'name'>,
  sha: string,
): Promise<unknown> {
  const [row] = await sql<{ view: unknown }[]>`
    select view from kept_commits where player_id = ${playerId} and repository = ${name} and sha = ${sha}`
  return row?.view
}
