import type { Challenge } from '../../core/challenge.ts'
import { watchedTriggers, type WatchedTrigger } from '../../core/triggers.ts'
import { keepGlance } from '../../db/glances.ts'
import { layingsOf } from '../../db/starter-images.ts'
import { unfinished, type ClaimedSubmission } from '../../db/submissions.ts'
import { Refusal } from '../../lib/errors.ts'
import { forAll } from '../../lib/rounds.ts'
import type { Game } from '../game.ts'
import { standsStill } from '../settings.ts'
import { newsSince, glanceAt, watchedChallenges, type WatchedPlayer } from '../judging/seen.ts'
import { queue } from '../judging/submit.ts'

/**
 * Looks at what moved and makes a submission of every stage of which somebody made something else, or a finding turned. `busy`: one
 * is being judged; look again soon, since it may have looked before the change. `unclear`: of one nothing could be said.
 */
export async function glance(
  game: Game,
  player: WatchedPlayer,
  moved: WatchedTrigger,
  signal: AbortSignal,
): Promise<{ busy: boolean; unclear: boolean; submitted: string[] }> {
  const layings = await layingsOf(game.sql, player.playerId)
  if (layings.busy) return { busy: true, unclear: false, submitted: [] }
  const due = (await watchedChallenges(game, player, moved)).filter(
    ({ id, images }) => images === null || layings.laid.has(id),
  )
  let busy = false
  let unclear = false
  const submitted: string[] = []
  // One stage that cannot be looked at keeps no other from being judged.
  await forAll(due, async (challenge) => {
    if (await unfinished(game.sql, player.playerId, challenge.id, watchedTriggers)) {
      busy = true
      return
    }
    const seen = await glanceAt(game, player, challenge, { moved, signal })
    if (seen.outcome.verdict === 'inconclusive') {
      unclear = true
      return
    }
    // It is kept since when it is right; the round that follows when the hunt goes on makes the submission.
    if (standsStill(game.settings) !== null) return
    const news = await newsSince(game, seen)
    if (news === null) return
    // What was laid meanwhile is not the player's doing.
    if ((await layingsOf(game.sql, player.playerId)).rounds !== layings.rounds) {
      busy = true
      return
    }
    const id = await submitGlance(game, player, challenge, seen.look)
    if (id === null) {
      busy = true
      return
    }
    // Kept after the row is there: a crash in between looks twice rather than never.
    await keepGlance(game.sql, player.playerId, challenge.id, news)
    submitted.push(id)
  })
  return { busy, unclear, submitted }
}

async function submitGlance(
  game: Pick<Game, 'sql' | 'hunt' | 'dispatch'>,
  player: WatchedPlayer,
  challenge: Challenge,
  { trigger, receivedAt, snapshots }: ClaimedSubmission,
): Promise<string | null> {
  const request = { player, memberId: null, challenge, trigger, receivedAt, answer: null, snapshots }
  return await queue(game, request).catch((error: unknown) => {
    // A pause has just begun, or what came in before the end is still being judged.
    if (error instanceof Refusal) return null
    throw error
  })
}
