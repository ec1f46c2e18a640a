import type { Snapshot } from '../core/snapshot.ts'
import type { Pause } from '../core/window.ts'
import type { Trigger } from '../core/triggers.ts'
import type { Localized } from '../core/text.ts'
import type { CheckResult, Verdict } from '../core/verdict.ts'
import type { Sql } from './client.ts'
import { jsonOf } from './json.ts'

export type SubmissionStatus = 'queued' | 'running' | 'waiting' | 'done' | 'superseded'

export interface SubmissionRow {
  id: string
  playerId: string
  memberId: string | null
  challengeId: string
  trigger: Trigger
  receivedAt: Date
  status: SubmissionStatus
  /** Counts looks of any kind, so that each is one job. */
  attempt: number
  /** How many looks saw nothing for a reason of ours. */
  unclear: number
  retryAt: Date | null
  supersededBy: string | null
  verdict: Verdict | null
  finishedAt: Date | null
  /** Of a passed one: the instant that counts. */
  countsFrom: Date | null
  /** What is still under way, since the last look. */
  waitsFor: Localized | null
  /** Until when it may be. */
  waitsUntil: Date | null
}

/** What judging needs beside the row that people see. */
export interface ClaimedSubmission extends SubmissionRow {
  slug: string
  playerName: string | null
  answer: string | null
  snapshots: Record<string, Snapshot>
  /** The time for what is under way is over, by the database's clock. */
  waitedOut: boolean
}

const columns = (sql: Sql) => sql`
  s.id, s.player_id, s.member_id, s.challenge_id, s.trigger, s.received_at, s.status, s.attempt, s.unclear, s.retry_at,
  s.superseded_by, s.verdict, s.finished_at, s.counts_from, s.waits_for, s.waits_until`

export async function insertSubmission(
  sql: Sql,
  submission: {
    id: string
    playerId: string
    memberId: string | null
    challengeId: string
    trigger: Trigger
    receivedAt: Date
    answer: string | null
    snapshots: Record<string, Snapshot>
    /** `waiting` where the hunt does not run: each of those is judged when it does. */
    status?: 'queued' | 'waiting'
  },
): Promise<void> {
  const { status = 'queued' } = submission
  await sql`
    insert into submissions (id, player_id, member_id, challenge_id, trigger, received_at, status, answer, snapshots)
    values (${submission.id}, ${submission.playerId}, ${submission.memberId}, ${submission.challengeId},
      ${submission.trigger}, ${submission.receivedAt}, ${status}, ${submission.answer},
      ${jsonOf(submission.snapshots)}::text::jsonb)`
}

/** The one that waits for its first look; there is at most one for each trigger, where requests of one player take turns. */
export async function lockQueued(sql: Sql, playerId: string, challengeId: string, trigger: Trigger) {
  const [row] = await sql<{ id: string; receivedAt: Date }[]>`
    select id, received_at from submissions
    where player_id = ${playerId} and challenge_id = ${challengeId} and trigger = ${trigger} and status = 'queued'
    for update`
  return row
}

/** What waits for the hunt to run and was never looked at, newest first. The player must be held. */
export async function lockHeld(sql: Sql, playerId: string, challengeId: string): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from submissions
    where player_id = ${playerId} and challenge_id = ${challengeId} and status = 'waiting' and started_at is null
    order by received_at desc for update`
  return rows.map(({ id }) => id)
}

/** What is under way is given the time of the pause on top. */
export async function prolongWaits(sql: Sql, { from, until }: Pause): Promise<void> {
  await sql`
    update submissions set waits_until = waits_until + (${until}::timestamptz - greatest(${from}::timestamptz, received_at))
    where status = 'waiting' and waits_until is not null`
}

/** Takes a queued one out of the way of the one that will take its place, whose row comes next. */
export async function supersede(sql: Sql, id: string, by: string): Promise<void> {
  await sql`
    update submissions set status = 'superseded', superseded_by = ${by}, finished_at = now() where id = ${id}`
}

/** Marks it running for the one caller who gets it; undefined when another has it, it is done, or the hunt is paused. */
export async function claim(
  sql: Sql,
  id: string,
  attempt: number,
  worker: number,
): Promise<ClaimedSubmission | undefined> {
  const [row] = await sql<ClaimedSubmission[]>`
    update submissions s set status = 'running', started_at = now(), worker = ${worker}
    from players p
    where s.id = ${id} and s.attempt = ${attempt} and s.status in ('queued', 'waiting') and p.id = s.player_id
      and (select paused_at is null from hunt where id = 1)
    returning ${columns(sql)}, s.answer, s.snapshots, p.slug, p.name as player_name,
      coalesce(s.waits_until <= now(), false) as waited_out`
  return row
}

/** Whether one of these triggers is still to be judged, or being judged. */
export async function unfinished(
  sql: Sql,
  playerId: string,
  challengeId: string,
  triggers: readonly Trigger[],
): Promise<boolean> {
  const rows = await sql`
    select 1 from submissions
    where player_id = ${playerId} and challenge_id = ${challengeId} and trigger = any(${triggers as Trigger[]})
      and status in ('queued', 'running', 'waiting') limit 1`
  return rows.length > 0
}

/** Puts a running one back: its worker died, or the database was away while it wrote. */
export async function release(sql: Sql, id: string): Promise<void> {
  await sql`
    update submissions set status = 'waiting', retry_at = now(), attempt = attempt + 1, worker = null
    where id = ${id} and status = 'running'`
}

export async function running(sql: Sql): Promise<{ id: string; worker: number }[]> {
  return await sql<{ id: string; worker: number }[]>`
    select id, worker from submissions where status = 'running'`
}

/** What a dispatch must hold: everything queued, and what waits, with the milliseconds until it is due. */
export async function unjudged(
  sql: Sql,
): Promise<{ id: string; attempt: number; playerId: string; delayMs: number }[]> {
  return await sql<{ id: string; attempt: number; playerId: string; delayMs: number }[]>`
    select id, attempt, player_id,
      greatest(0, coalesce(extract(epoch from retry_at - now()) * 1000, 0))::int as delay_ms
    from submissions where status in ('queued', 'waiting') order by received_at`
}

export async function writeResults(sql: Sql, id: string, results: readonly CheckResult[]): Promise<void> {
  await sql`delete from check_results where submission_id = ${id}`
  await sql`
    insert into check_results (submission_id, position, kind, name, verdict, findings, evidence)
    select ${id}, position, kind, name, verdict, findings, evidence
    from jsonb_to_recordset(${jsonOf(results.map((result, position) => ({ ...result, position })))}::text::jsonb)
      as given (position int, kind text, name jsonb, verdict text, findings jsonb, evidence jsonb)`
}

/** False where another process was quicker. `countsFrom`: of a passed one. */
export async function finish(
  sql: Sql,
  id: string,
  worker: number,
  { verdict, countsFrom }: { verdict: Verdict; countsFrom: Date | null },
): Promise<boolean> {
  const rows = await sql`
    update submissions set status = 'done', verdict = ${verdict}, finished_at = now(), retry_at = null, worker = null,
      counts_from = ${countsFrom}, waits_for = null, unclear = unclear + ${verdict === 'inconclusive' ? 1 : 0}
    where id = ${id} and status = 'running' and worker = ${worker} returning id`
  return rows.length > 0
}

/** `pending`: what is still under way, and for how many seconds after the first time it may be. */
export async function postpone(
  sql: Sql,
  id: string,
  worker: number,
  next: { verdict: Verdict | null; seconds: number; pending: { why: Localized; seconds: number } | null },
): Promise<boolean> {
  const { pending } = next
  const rows = await sql`
    update submissions set status = 'waiting', attempt = attempt + 1, verdict = ${next.verdict}, worker = null,
      unclear = unclear + ${next.verdict === 'inconclusive' ? 1 : 0}, retry_at = now() + make_interval(secs => ${next.seconds}),
      waits_for = ${pending && jsonOf(pending.why)}::text::jsonb,
      waits_until = coalesce(waits_until, now() + make_interval(secs => ${pending?.seconds ?? null}))
    where id = ${id} and status = 'running' and worker = ${worker} returning id`
  return rows.length > 0
}

export async function submissionById(sql: Sql, id: string): Promise<SubmissionRow | undefined> {
  const [row] = await sql<SubmissionRow[]>`select ${columns(sql)} from submissions s where s.id = ${id}`
  return row
}

export async function resultsOf(sql: Sql, id: string): Promise<CheckResult[]> {
  return await sql<CheckResult[]>`
    select name, kind, verdict, findings, evidence from check_results where submission_id = ${id} order by position`
}

export interface SubmissionFilter {
  playerId?: string | undefined
  challengeId?: string | undefined
  verdict?: Verdict | undefined
  /** The last row of the page before. */
  after?: { receivedAt: Date; id: string } | undefined
  limit: number
}

export interface ListedSubmission extends SubmissionRow {
  slug: string
  playerName: string | null
}

/** Newest first. */
export async function listSubmissions(sql: Sql, filter: SubmissionFilter): Promise<ListedSubmission[]> {
  return await sql<ListedSubmission[]>`
    select ${columns(sql)}, p.slug, p.name as player_name
    from submissions s join players p on p.id = s.player_id
    where true
      ${filter.playerId === undefined ? sql`` : sql`and s.player_id = ${filter.playerId}`}
      ${filter.challengeId === undefined ? sql`` : sql`and s.challenge_id = ${filter.challengeId}`}
      ${filter.verdict === undefined ? sql`` : sql`and s.verdict = ${filter.verdict}`}
      ${filter.after === undefined ? sql`` : sql`and (s.received_at, s.id) < (${filter.after.receivedAt}, ${filter.after.id})`}
    order by s.received_at desc, s.id desc limit ${filter.limit}`
}

/** The newest submission of a player on a challenge, superseded ones left out. */
export async function newestSubmission(
  sql: Sql,
  playerId: string,
  challengeId: string,
): Promise<SubmissionRow | undefined> {
  const [row] = await sql<SubmissionRow[]>`
    select ${columns(sql)} from submissions s
    where s.player_id = ${playerId} and s.challenge_id = ${challengeId} and s.status <> 'superseded'
    order by s.received_at desc, s.id desc limit 1`
  return row
}

/**
 * Answers within an hour that were wrong or are still to be judged, and the seconds since the last of them, by the database's clock. The
 * player must be held.
 */
export async function recentGuesses(
  sql: Sql,
  playerId: string,
  challengeId: string,
): Promise<{ count: number; seconds: number }> {
  const [row] = await sql<[{ count: number; seconds: number | null }]>`
    select count(*)::int as count, extract(epoch from clock_timestamp() - max(inserted_at))::float8 as seconds
    from submissions
    where player_id = ${playerId} and challenge_id = ${challengeId} and answer is not null
      and (verdict = 'failed' or status in ('queued', 'running', 'waiting'))
      and inserted_at > clock_timestamp() - interval '1 hour'`
  return { count: row.count, seconds: row.seconds ?? 0 }
}

/** What a clock that was set back left in the future counts from now on. */
export async function pullBackGuesses(sql: Sql, playerId: string, challengeId: string): Promise<void> {
  await sql`
    update submissions set inserted_at = clock_timestamp()
    where player_id = ${playerId} and challenge_id = ${challengeId} and inserted_at > clock_timestamp()`
}

/** Ends whatever of a player is still to be judged, or being judged; whoever judges it finds that it has ended. */
export async function endSubmissions(sql: Sql, playerId: string): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    update submissions set status = 'done', verdict = 'inconclusive', finished_at = now(), retry_at = null, worker = null
    where player_id = ${playerId} and status in ('queued', 'running', 'waiting') returning id`
  return rows.map(({ id }) => id)
}

export async function countByStatus(sql: Sql): Promise<{ status: SubmissionStatus; count: number }[]> {
  return await sql<{ status: SubmissionStatus; count: number }[]>`
    select status, count(*)::int as count from submissions where status in ('queued', 'running', 'waiting') group by status`
}
