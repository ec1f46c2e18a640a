import type { Challenge } from '../../core/challenge.ts'
import { wantsAnswer } from '../../core/challenge.ts'
import type { PlayerRef } from '../../core/player.ts'
import { watchedParts, watchedTriggers, type WatchedTrigger } from '../../core/triggers.ts'
import { isLive } from '../../core/workspace.ts'
import type { Sql } from '../../db/client.ts'
import { keepGlance, lastGlance, type KeptGlance } from '../../db/glances.ts'
import { newestSubmission, type ClaimedSubmission } from '../../db/submissions.ts'
import { workspaceRow } from '../../db/workspaces.ts'
import { Inconclusive } from '../../lib/errors.ts'
import type { Game } from '../game.ts'
import { progressOf } from '../progress.ts'
import { seenSince } from './counting.ts'
import { glanceId, lookAt, type Outcome } from './look.ts'
import { snapshotsOf } from './submit.ts'
import { isNews, merged, standOf } from './turns.ts'

/** Stands for what could not be seen when images were laid: the next look tells. */
const unseen: KeptGlance = { made: [], turns: [] }

/** Somebody whose work is looked at unasked. */
export interface WatchedPlayer extends PlayerRef {
  playerName: string | null
}

/** One look that no submission asked for. */
export interface Glance {
  look: ClaimedSubmission
  outcome: Outcome
}

/** Open challenges that such a move may solve. Where something has to be typed, that is what triggers. */
export async function watchedChallenges(
  game: Pick<Game, 'sql' | 'hunt' | 'board' | 'settings'>,
  player: PlayerRef,
  moved: WatchedTrigger,
): Promise<Challenge[]> {
  const { states } = await progressOf(game, player.playerId)
  const open = game.hunt.challenges.filter(
    (challenge) => states.get(challenge.id) === 'open' && isWatched(challenge, moved),
  )
  if (open.every(({ needs }) => !needs.includes('cluster'))) return open
  // Without a namespace there is nothing to be seen: what the player does in it once it is there makes a look.
  const row = await workspaceRow(game.sql, player.playerId)
  return row && isLive(row.state) ? open : open.filter(({ needs }) => !needs.includes('cluster'))
}

/** Of commits, images and what runs, either may come last. */
function isWatched(challenge: Challenge, moved: WatchedTrigger): boolean {
  return !wantsAnswer(challenge) && challenge.needs.includes(watchedParts[moved])
}

export async function glanceAt(
  game: Game,
  player: WatchedPlayer,
  challenge: Challenge,
  { moved, signal }: { moved: WatchedTrigger; signal: AbortSignal },
): Promise<Glance> {
  const snapshots = await snapshotsOf(game, player.slug, challenge)
  const look: ClaimedSubmission = {
    playerId: player.playerId,
    slug: player.slug,
    playerName: player.playerName,
    trigger: moved,
    receivedAt: new Date(),
    snapshots,
    id: glanceId,
    memberId: null,
    challengeId: challenge.id,
    status: 'running',
    attempt: 1,
    unclear: 0,
    retryAt: null,
    supersededBy: null,
    verdict: null,
    finishedAt: null,
    countsFrom: null,
    waitsFor: null,
    waitsUntil: null,
    waitedOut: false,
    answer: null,
  }
  const outcome = await lookAt(game, look, signal)
  // The submission that this glance makes may be looked at much later.
  await seenSince(game.sql, player.playerId, challenge, outcome)
  return { look, outcome }
}

/** What is to be kept once there is a submission of it; null where nothing makes one. */
export async function newsSince(
  game: Pick<Game, 'sql' | 'kinds'>,
  { look, outcome }: Glance,
): Promise<KeptGlance | null> {
  const { sql } = game
  const { playerId, challengeId } = look
  const stand = standOf(game.kinds, outcome)
  const last = await lastGlance(sql, playerId, challengeId)
  if (stand.isEmpty && last === null) return null
  const next = merged(stand, last)
  if (last === null || (await isUnsolvedPass(sql, { playerId, challengeId, outcome }))) return next
  if (last.made.length > 0) return isNews(stand, last) ? next : null
  await keepGlance(sql, playerId, challengeId, next)
  return null
}

/** A look that finds all right is always worth a verdict, where the newest one says something else. */
async function isUnsolvedPass(
  sql: Sql,
  { playerId, challengeId, outcome }: { playerId: string; challengeId: string; outcome: Outcome },
): Promise<boolean> {
  if (outcome.verdict !== 'passed') return false
  return (await newestSubmission(sql, playerId, challengeId))?.verdict !== 'passed'
}

/** What a submission has judged is no news for the next glance, where it is of what the last glance saw. */
export async function keepJudged(
  game: Pick<Game, 'sql' | 'kinds'>,
  playerId: string,
  challenge: Challenge,
  outcome: Outcome,
): Promise<void> {
  if (!watchedTriggers.some((trigger) => isWatched(challenge, trigger))) return
  const last = await lastGlance(game.sql, playerId, challenge.id)
  const stand = standOf(game.kinds, outcome)
  if (last === null || last.made.length === 0) return
  const next = merged(stand, last)
  if (next.made.join() === last.made.join()) await keepGlance(game.sql, playerId, challenge.id, next)
}

/** null where nothing can be said, which keeps nobody else from being looked at. */
async function glanceIfClear(
  game: Game,
  player: WatchedPlayer,
  challenge: Challenge,
  signal: AbortSignal,
): Promise<Glance | null> {
  try {
    const glance = await glanceAt(game, player, challenge, { moved: 'image', signal })
    return glance.outcome.verdict === 'inconclusive' ? null : glance
  } catch (error) {
    if (!(error instanceof Inconclusive)) throw error
    return null
  }
}

/** Open challenges on images of which nothing else is to be seen than last time. */
export async function unchangedChallenges(
  game: Game,
  player: WatchedPlayer,
  signal: AbortSignal,
): Promise<Challenge[]> {
  const found: Challenge[] = []
  for (const challenge of await watchedChallenges(game, player, 'image')) {
    const glance = await glanceIfClear(game, player, challenge, signal)
    if (glance && (await newsSince(game, glance)) === null) found.push(challenge)
  }
  return found
}

/** Whatever is to be seen of these challenges now makes no submission. */
export async function takeAsSeen(
  game: Game,
  player: WatchedPlayer,
  challenges: readonly Challenge[],
  signal: AbortSignal,
): Promise<void> {
  for (const challenge of challenges.filter((one) => isWatched(one, 'image'))) {
    const glance = await glanceIfClear(game, player, challenge, signal)
    const kept = glance ? merged(standOf(game.kinds, glance.outcome), null) : unseen
    await keepGlance(game.sql, player.playerId, challenge.id, kept)
  }
}
