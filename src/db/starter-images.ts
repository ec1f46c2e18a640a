import type { Sql } from './client.ts'

/** Somebody who has a challenge open whose images are not laid yet. */
export interface DueImages {
  playerId: string
  slug: string
}

/** A laying that this process took upon itself. */
export interface ImageClaim {
  /** Names of those that an earlier try laid. */
  done: string[]
  /** The database was restored: what the registry holds under their names is left as it is. */
  restored: boolean
}

/**
 * Takes it upon this process to lay a challenge's images for so many seconds; null where another process does it, where they
 * lie already, or where the next try is not due. `anew`: all of them, now.
 */
export async function claimImages(
  sql: Sql,
  playerId: string,
  challengeId: string,
  { seconds, anew }: { seconds: number; anew: boolean },
): Promise<ImageClaim | null> {
  const [row] = await sql<ImageClaim[]>`
    insert into starter_images as s (player_id, challenge_id, busy_until)
    values (${playerId}, ${challengeId}, now() + make_interval(secs => ${seconds}))
    on conflict (player_id, challenge_id) do update
      set busy_until = excluded.busy_until, round = s.round + 1,
        laid_at = null, done = case when ${anew} then '{}' else s.done end, restored = s.restored and not ${anew}
      where (s.busy_until is null or s.busy_until < now())
        and (${anew} or (s.laid_at is null and s.again_at <= now()))
    returning done, restored`
  return row ?? null
}

export async function noteImage(
  sql: Sql,
  playerId: string,
  challengeId: string,
  name: string,
): Promise<void> {
  await sql`
    update starter_images set done = array_append(done, ${name})
    where player_id = ${playerId} and challenge_id = ${challengeId}`
}

export async function finishImages(sql: Sql, playerId: string, challengeId: string): Promise<void> {
  await sql`
    update starter_images set laid_at = now(), busy_until = null, failed = 0, round = round + 1,
      restored = false
    where player_id = ${playerId} and challenge_id = ${challengeId}`
}

/** Each try waits twice as long as the one before, five minutes at most. */
export async function postponeImages(sql: Sql, playerId: string, challengeId: string): Promise<void> {
  await sql`
    update starter_images set busy_until = null, failed = failed + 1, round = round + 1,
      again_at = now() + make_interval(secs => least(300, 3 * 2 ^ least(failed, 10)))
    where player_id = ${playerId} and challenge_id = ${challengeId}`
}

/** What lies in the registry is not known any more: all of it is due to be looked at. */
export async function doubtImages(sql: Sql): Promise<void> {
  await sql`
    update starter_images set restored = true, laid_at = null, done = '{}', busy_until = null, failed = 0,
      again_at = now(), round = round + 1`
}

/**
 * Players whose images are due: who solved all of `after` and not the challenge itself, and whoever had them before a restore.
 */
export async function dueImages(
  sql: Sql,
  { id, after }: { id: string; after: readonly string[] },
  limit: number,
): Promise<DueImages[]> {
  return await sql<DueImages[]>`
    select p.id as player_id, p.slug from players p
      left join starter_images s on s.player_id = p.id and s.challenge_id = ${id}
    where p.state = 'active' and s.laid_at is null
      and (s.busy_until is null or s.busy_until < now()) and (s.again_at is null or s.again_at <= now())
      and (s.restored or not exists (select from solves v where v.player_id = p.id and v.challenge_id = ${id})
        and (select count(*) from solves v where v.player_id = p.id and v.challenge_id = any(${[...after]}))
          = ${new Set(after).size})
    order by s.again_at nulls first, p.id limit ${limit}`
}

/** What is being laid below a player's path; two looks between which nothing was laid see the same `rounds`. */
export interface Layings {
  busy: boolean
  rounds: number
  /** Challenges whose images lie there. */
  laid: ReadonlySet<string>
}

export async function layingsOf(sql: Sql, playerId: string): Promise<Layings> {
  const rows = await sql<{ challengeId: string; laid: boolean; busy: boolean; round: number }[]>`
    select challenge_id, laid_at is not null as laid, coalesce(busy_until > now(), false) as busy, round
    from starter_images where player_id = ${playerId}`
  return {
    busy: rows.some(({ busy }) => busy),
    rounds: rows.reduce((sum, { round }) => sum + round, 0),
    laid: new Set(rows.filter(({ laid }) => laid).map(({ challengeId }) => challengeId)),
  }
}
