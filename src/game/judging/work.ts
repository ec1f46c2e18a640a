import { randomInt } from 'node:crypto'
import { counts } from '../../core/window.ts'
import type { Sql } from '../../db/client.ts'
import { tell } from '../../db/events.ts'
import { hintsCost } from '../../db/hints.ts'
import { lockHunt, pausesOf } from '../../db/hunt.ts'
import {
  claim,
  finish,
  postpone,
  release,
  type ClaimedSubmission,
  writeResults,
} from '../../db/submissions.ts'
import { lockPlayer, isPlaying } from '../../db/players.ts'
import { insertSolve } from '../../db/solves.ts'
import type { PlayerRef } from '../../core/player.ts'
import type { Job } from '../../dispatch/types.ts'
import { challengeOf, type Game } from '../game.ts'
import { countsFrom, seenSince } from './counting.ts'
import { lookAt, type Outcome } from './look.ts'
import { keepJudged } from './seen.ts'
import { effective, standsStill } from '../settings.ts'

/** Pauses after the first inconclusive look, the second and so on, in seconds; then the verdict stays inconclusive. */
const backoff = [2, 5, 10, 20, 40, 60, 120, 300, 600]
/** How long checks that are still going may keep a submission waiting, from the first look that saw one. */
const pendingSeconds = 900

/** Judges submissions for this process; `worker` names it in the rows that it runs. */
export interface Worker {
  readonly key: number
  /** Submissions that this process is judging right now. */
  readonly active: { has(id: string): boolean }
  handle(job: Job): Promise<void>
  close(): void
}

/** Lays out what a solve will open, before anybody reads that it is open. */
export type OpenNext = (player: PlayerRef, solvedId: string) => Promise<void>

export function createWorker(game: Game, openNext: OpenNext): Worker {
  const key = randomInt(1, 2 ** 31 - 1)
  const active = new Map<string, { playerId: string; stop: AbortController }>()
  const closing = new AbortController()
  // What somebody had to be judged ends with them.
  const stopHearing = game.bus.listen(({ kind, playerId }) => {
    const theirs = [...active.values()].filter((one) => one.playerId === playerId)
    if (kind !== 'player' || playerId === null || theirs.length === 0) return
    isPlaying(game.sql, playerId).then(
      (plays) => {
        if (!plays) for (const { stop } of theirs) stop.abort()
      },
      // The look ends at its deadline, and its verdict finds no row.
      () => undefined,
    )
  })

  return {
    key,
    active,
    async handle(job) {
      // The sweep brings it again: nothing is judged before the start, nor during a pause.
      if (standsStill(game.settings)) return
      const submission = await claim(game.sql, job.id, job.attempt, key)
      if (!submission) return
      const stop = new AbortController()
      active.set(submission.id, { playerId: submission.playerId, stop })
      try {
        const signal = AbortSignal.any([closing.signal, stop.signal])
        await judgeOnce(game, submission, { worker: key, openNext, signal })
      } catch (error) {
        // Where this fails too, the row stays "running" until the sweep sees that nobody runs it.
        await putBack(game, submission, key).catch(() => undefined)
        throw error
      } finally {
        active.delete(submission.id)
      }
    },
    close() {
      stopHearing()
      closing.abort()
    },
  }
}

async function judgeOnce(
  game: Game,
  submission: ClaimedSubmission,
  { worker, openNext, signal }: { worker: number; openNext: OpenNext; signal: AbortSignal },
): Promise<void> {
  const outcome = await lookAt(game, submission, signal)
  if (signal.aborted) {
    await release(game.sql, submission.id)
    return
  }
  const challenge = challengeOf(game, submission.challengeId)
  // Also where nothing is decided yet: the next look may see the same after our side could not look.
  const since = await seenSince(game.sql, submission.playerId, challenge, outcome)
  const wait = waitFor(submission, outcome)
  if (wait === null) {
    if (outcome.verdict === 'passed') {
      // What cannot be made now is made when it is first asked for.
      await openNext(submission, submission.challengeId).catch((error: unknown) =>
        game.log.error({ err: error }, 'provisioning failed'),
      )
    }
    await conclude(game, submission, { worker, outcome, since })
    await keepJudged(game, submission.playerId, challenge, outcome)
    pinEvidence(game, submission, outcome)
    return
  }
  const waits = await game.sql.begin(async (sql) => {
    await lockPlayer(sql, submission.playerId)
    if (
      !(await postpone(sql, submission.id, worker, {
        verdict: outcome.pending ? null : outcome.verdict,
        seconds: wait,
        pending: outcome.pending && { why: outcome.pending.why, seconds: pendingSeconds },
      }))
    )
      return false
    await writeResults(sql, submission.id, outcome.results)
    await tell(sql, 'submission', submission.playerId, submission.id)
    return true
  })
  if (!waits) return
  await game.dispatch.push(
    { id: submission.id, attempt: submission.attempt + 1, lane: submission.playerId },
    { delayMs: wait * 1000 },
  )
}

/** What broke off is looked at again, later each time, and ends as our fault: one that always breaks off must not come for ever. */
async function putBack(
  { sql }: Pick<Game, 'sql'>,
  { id, playerId, unclear }: ClaimedSubmission,
  worker: number,
): Promise<void> {
  const seconds = backoff[unclear]
  const verdict = 'inconclusive'
  if (seconds !== undefined) await postpone(sql, id, worker, { verdict, seconds, pending: null })
  else await finish(sql, id, worker, { verdict, countsFrom: null })
  await tell(sql, 'submission', playerId, id)
}

/** Seconds until the next look, null where this look decides. */
function waitFor(submission: ClaimedSubmission, outcome: Outcome): number | null {
  if (outcome.pending && !submission.waitedOut) return Math.max(1, outcome.pending.again)
  if (outcome.verdict !== 'inconclusive') return null
  return backoff[submission.unclear] ?? null
}

/** One transaction: verdict, results with evidence, and the solve if it is the first and counts from within the hunt's time. */
async function conclude(
  game: Pick<Game, 'sql' | 'hunt'>,
  submission: ClaimedSubmission,
  { worker, outcome, since }: { worker: number; outcome: Outcome; since: readonly Date[] },
): Promise<void> {
  const { verdict, results } = outcome
  await game.sql.begin(async (sql) => {
    const hunt = await lockHunt(sql, 'share')
    await lockPlayer(sql, submission.playerId)
    const { window } = effective(game.hunt, hunt)
    const { pausedAt } = hunt
    // Seen after the hunt stood still: when it goes on, it counts from then.
    if (pausedAt && since.some((at) => at >= pausedAt)) {
      await release(sql, submission.id)
      return
    }
    const time = { window, pauses: await pausesOf(sql) }
    const from = verdict === 'passed' ? countsFrom(submission.receivedAt, outcome, since, time) : null
    if (!(await finish(sql, submission.id, worker, { verdict, countsFrom: from }))) return
    await writeResults(sql, submission.id, results)
    const scores = from !== null && counts(window, from)
    if (scores && (await writeSolve(game, sql, submission, from)))
      await tell(sql, 'solve', submission.playerId, submission.challengeId)
    await tell(sql, 'submission', submission.playerId, submission.id)
  })
}

async function writeSolve(
  game: Pick<Game, 'hunt'>,
  sql: Sql,
  submission: ClaimedSubmission,
  solvedAt: Date,
): Promise<boolean> {
  return await insertSolve(sql, {
    playerId: submission.playerId,
    challengeId: submission.challengeId,
    submissionId: submission.id,
    solvedAt,
    points: challengeOf(game, submission.challengeId).points,
    hintsCost: await hintsCost(sql, submission.playerId, submission.challengeId),
  })
}

/** The judged commits stay reachable whatever is pushed later. Not waited for: objects are never pruned meanwhile. */
function pinEvidence(
  game: Pick<Game, 'hunt' | 'board' | 'log'>,
  submission: ClaimedSubmission,
  outcome: Outcome,
): void {
  const { repository } = challengeOf(game, submission.challengeId)
  const commits = outcome.results.flatMap((result) =>
    result.evidence.flatMap((one) => (one.what === 'commit' ? [one.revision] : [])),
  )
  if (repository === null || commits.length === 0 || !game.board.forge) return
  game.board.forge
    .pin({ slug: submission.slug, name: repository }, [...new Set(commits)])
    .catch((error: unknown) =>
      game.log.warn({ err: error, submission: submission.id }, 'evidence could not be pinned'),
    )
}
