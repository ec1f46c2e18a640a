import { randomUUID } from 'node:crypto'
import type { Snapshot } from '../../board/forge/types.ts'
import { wantsAnswer, type Challenge } from '../../core/challenge.ts'
import { phaseAt, type Window } from '../../core/window.ts'
import type { Sql } from '../../db/client.ts'
import { tell } from '../../db/events.ts'
import { lockHunt } from '../../db/hunt.ts'
import {
  insertSubmission,
  lockHeld,
  lockQueued,
  pullBackGuesses,
  recentGuesses,
  supersede,
} from '../../db/submissions.ts'
import { Inconclusive, Refusal } from '../../lib/errors.ts'
import { lengthOf } from '../../lib/whole-text.ts'
import type { Game } from '../game.ts'
import { holdPlayer } from '../playing.ts'
import { openChallenge, playable } from '../progress.ts'
import { effective } from '../settings.ts'
import type { Trigger } from '../../core/triggers.ts'
import type { PlayerRef } from '../../core/player.ts'

export const answerLength = 1000
/** Pushes of one stage that wait for the hunt to run; a further one takes the place of the last. */
const mostHeld = 20
/** Wrong answers within an hour that cost no wait, and the seconds that one costs at most. */
const freeGuesses = 3
const longestWait = 300

export interface Request {
  player: PlayerRef
  memberId: string | null
  challenge: Challenge
  trigger: Trigger
  receivedAt: Date
  answer: string | null
  snapshots: Record<string, Snapshot>
}

/** By the button or the API: looks whether the player may, takes the refs as they are now, and queues the judging. */
export async function submit(
  game: Game,
  given: {
    player: PlayerRef
    memberId: string
    challengeId: string
    trigger: 'button' | 'api'
    answer?: string | undefined
  },
): Promise<string> {
  const askedAt = new Date()
  const { challenge, progress } = await openChallenge(game, given.player.playerId, given.challengeId)
  if (!playable(progress.states.get(challenge.id)))
    throw new Refusal(409, 'retired', 'This stage is retired and takes nothing new.')
  const answer = wantsAnswer(challenge) ? validAnswer(given.answer) : null
  // By itself, so that it stays done where the answer is refused.
  if (answer !== null) await pullBackGuesses(game.sql, given.player.playerId, challenge.id)
  const snapshots = await snapshotsOf(game, given.player.slug, challenge)
  // What is pushed while the refs are read is in them, so that they were not there before they were read.
  const receivedAt = challenge.repository === null ? askedAt : new Date()
  return await queue(game, { ...given, challenge, receivedAt, answer, snapshots })
}

/**
 * The row first, the job after the commit: if the job is lost, the sweep finds the row. A newer request takes the place
 * of one that still waits for its first look, unless only the older one came in while the hunt ran. A push that comes before the
 * start or during a pause is kept, and judged when the hunt runs.
 */
export async function queue(
  game: Pick<Game, 'sql' | 'hunt' | 'dispatch'>,
  request: Request,
): Promise<string> {
  const id = randomUUID()
  const { playerId } = request.player
  const taken = await game.sql.begin(async (sql) => {
    const row = await lockHunt(sql, 'share')
    const { window } = effective(game.hunt, row)
    const isBefore = phaseAt(window, new Date()) === 'before'
    const isHeld = row.pausedAt !== null || isBefore
    if (isHeld && request.trigger !== 'push') throw row.pausedAt ? paused() : notStarted()
    await holdPlayer(sql, { playerId, memberId: request.memberId })
    if (request.answer !== null) await checkDelay(sql, playerId, request.challenge.id)
    const place = await (isHeld ? hold(sql, request) : stepIn(sql, window, request))
    if ('instead' in place) return place.instead
    if (place.over) {
      await supersede(sql, place.over, id)
      await tell(sql, 'submission', playerId, place.over)
    }
    await insertSubmission(sql, {
      id,
      playerId,
      memberId: request.memberId,
      challengeId: request.challenge.id,
      status: isHeld ? 'waiting' : 'queued',
      ...pickRow(request),
    })
    await tell(sql, 'submission', playerId, id)
    return id
  })
  await game.dispatch.push({ id: taken, attempt: 1, lane: playerId })
  return taken
}

function paused(): Refusal {
  return new Refusal(409, 'paused', 'The hunt is paused. What you made stays; try again when it goes on.')
}

function notStarted(): Refusal {
  return new Refusal(409, 'not-started', 'The hunt has not started yet.')
}

/** Whose place it takes, or which one stands for it. */
type Place = { over: string | undefined } | { instead: string }

async function stepIn(
  sql: Sql,
  window: Window,
  { player, challenge, trigger, receivedAt }: Request,
): Promise<Place> {
  const older = await lockQueued(sql, player.playerId, challenge.id, trigger)
  if (!older) return { over: undefined }
  if (phaseAt(window, receivedAt) === 'after' && phaseAt(window, older.receivedAt) !== 'after')
    throw new Refusal(
      409,
      'being-judged',
      'What you sent before the end is still being judged. It counts; this would not.',
    )
  // A push that a crash cut off is told of late: what came after it stands.
  const isLate = trigger === 'push' && older.receivedAt > receivedAt
  return isLate ? { instead: older.id } : { over: older.id }
}

/** Each push that is held is judged, so that a right one does not make way for a later one. */
async function hold(sql: Sql, { player, challenge }: Request): Promise<Place> {
  const held = await lockHeld(sql, player.playerId, challenge.id)
  return { over: held.length >= mostHeld ? held[0] : undefined }
}

function pickRow({ trigger, receivedAt, answer, snapshots }: Request) {
  return { trigger, receivedAt, answer, snapshots }
}

function validAnswer(answer: string | undefined): string {
  if (answer === undefined || answer.trim() === '')
    throw new Refusal(422, 'answer-missing', 'Write your answer first.')
  if (lengthOf(answer) > answerLength)
    throw new Refusal(422, 'answer-long', `An answer has at most ${answerLength} characters.`)
  return answer
}

/**
 * From the fourth wrong answer within an hour on, each costs twice the wait of the one before, up to five minutes. The player is held, so
 * that of many at once only one is taken, whichever way they come.
 */
async function checkDelay(sql: Sql, playerId: string, challengeId: string): Promise<void> {
  const { count, seconds } = await recentGuesses(sql, playerId, challengeId)
  if (count < freeGuesses) return
  const wait = Math.min(2 ** (count - freeGuesses + 1) * 2, longestWait)
  const left = Math.ceil(Math.min(wait, wait - seconds))
  if (left > 0) {
    throw new Refusal(429, 'answer-delay', `Too many wrong answers: the next one is taken in ${left} s.`, {
      retryAfter: left,
    })
  }
}

/** The refs of the challenge's repository as they are now. */
export async function snapshotsOf(
  game: Pick<Game, 'board'>,
  slug: string,
  challenge: Challenge,
): Promise<Record<string, Snapshot>> {
  if (challenge.repository === null) return {}
  if (!game.board.forge) throw new Inconclusive('this board has no forge')
  const reader = game.board.forge.reader({ slug, name: challenge.repository })
  try {
    return { [challenge.repository]: await reader.snapshot() }
  } finally {
    reader.close()
  }
}
