import type { Sql } from './client.ts'

/** Somebody who left, and of whom something may still lie somewhere. */
export interface LeavingRow {
  playerId: string
  /** Under which it lies. Kept until nothing does any more, and nowhere else. */
  slug: string
  /** Since they left. */
  seconds: number
}

/** `withinSeconds`: until when the sweep leaves it to whoever removes it now. */
export async function insertLeaving(
  sql: Sql,
  { playerId, slug }: Pick<LeavingRow, 'playerId' | 'slug'>,
  withinSeconds: number,
): Promise<void> {
  await sql`
    insert into leavings (player_id, slug, next_at)
    values (${playerId}, ${slug}, now() + make_interval(secs => ${withinSeconds}))`
}

export async function dueLeavings(sql: Sql): Promise<LeavingRow[]> {
  return await sql<LeavingRow[]>`
    select player_id, slug, extract(epoch from now() - left_at)::int as seconds
    from leavings where next_at < now() order by next_at limit 200`
}

/** Looked at again, later each time that something was in the way. */
export async function postponeLeaving(
  sql: Sql,
  playerId: string,
  { failed, seconds }: { failed: boolean; seconds: number },
): Promise<void> {
  await sql`
    update leavings set tries = case when ${failed} then tries + 1 else 0 end,
      next_at = now() + make_interval(secs => case when ${failed} then least(600, 5 * 2 ^ least(tries, 10)) else ${seconds} end)
    where player_id = ${playerId}`
}

export async function deleteLeaving(sql: Sql, playerId: string): Promise<void> {
  await sql`delete from leavings where player_id = ${playerId}`
}

/** What tells of a person in rows that stay for the solves: verdicts, times and revisions alone are kept. */
export async function forgetWords(sql: Sql, playerId: string): Promise<void> {
  await sql`
    update submissions set answer = null, snapshots = '{}', waits_for = null where player_id = ${playerId}
      and (answer is not null or snapshots <> '{}' or waits_for is not null)`
  await sql`
    update check_results r set findings = '[]', evidence = coalesce(
      (select jsonb_agg(one - 'where') from jsonb_array_elements(r.evidence) one), '[]')
    from submissions s where s.id = r.submission_id and s.player_id = ${playerId}`
  await sql`delete from kept_commits where player_id = ${playerId}`
  await sql`delete from pushes where player_id = ${playerId}`
  await sql`delete from events where player_id = ${playerId}`
  await sql`delete from glances where player_id = ${playerId}`
  await sql`delete from sightings where player_id = ${playerId}`
  await sql`delete from starter_images where player_id = ${playerId}`
  await sql`delete from parameters where player_id = ${playerId}`
}
