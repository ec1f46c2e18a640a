import { createHash } from 'node:crypto'
import type { Challenge } from '../../core/challenge.ts'
import { isLive } from '../../core/workspace.ts'
import { keepGlance, lastGlance } from '../../db/glances.ts'
import { layingsOf } from '../../db/starter-images.ts'
import { unfinished, type ClaimedSubmission as Look } from '../../db/submissions.ts'
import { workspaceRow } from '../../db/workspaces.ts'
import { Refusal } from '../../lib/errors.ts'
import type { Game } from '../game.ts'
import { glanceId, lookAt, type Outcome } from '../judging/look.ts'
import { progressOf } from '../progress.ts'
import { queue, snapshotsOf, wantsAnswer } from '../judging/submit.ts'

/** Stands for what could not be seen when images were laid: the next look tells. */
const unseen = Buffer.alloc(32)

interface Glanced {
  playerId: string
  slug: string
  playerName: string | null
}

/** Where something moved: in the player's namespaces, or below their path in the registry. */
export type Moved = 'cluster' | 'image'

/**
 * Looks at what moved and makes a submission of every stage of which something else is to be seen than last time. `busy`: one
 * is being judged; look again soon, since it may have looked before the change. `unclear`: of one nothing could be said.
 */
export async function glance(
  game: Game,
  player: Glanced,
  moved: Moved,
  signal: AbortSignal,
): Promise<{ busy: boolean; unclear: boolean; submitted: string[] }> {
  const layings = await layingsOf(game.sql, player.playerId)
  if (layings.busy) return { busy: true, unclear: false, submitted: [] }
  const due = (await followed(game, player, moved)).filter(
    ({ id, images }) => images === null || layings.laid.has(id),
  )
  let busy = false
  let unclear = false
  const submitted: string[] = []
  for (const challenge of due) {
    const receivedAt = new Date()
    if (await unfinished(game.sql, player.playerId, challenge.id, ['cluster', 'image'])) {
      busy = true
      continue
    }
    const snapshots = await snapshotsOf(game, player.slug, challenge)
    const look = pretend(player, challenge, { trigger: moved, receivedAt, snapshots })
    const outcome = await lookAt(game, look, signal)
    if (outcome.verdict === 'inconclusive') {
      unclear = true
      continue
    }
    const hash = await changed(game, look, outcome)
    if (hash === null) continue
    // What was laid meanwhile is not the player's doing.
    if ((await layingsOf(game.sql, player.playerId)).rounds !== layings.rounds) {
      busy = true
      continue
    }
    const id = await submitGlance(game, player, challenge, look)
    // Kept after the row is there: a crash in between looks twice rather than never.
    await keepGlance(game.sql, player.playerId, challenge.id, hash)
    if (id !== null) submitted.push(id)
  }
  return { busy, unclear, submitted }
}

async function followed(game: Game, player: Glanced, moved: Moved): Promise<Challenge[]> {
  const { states } = await progressOf(game, player.playerId)
  const open = game.hunt.challenges.filter(
    (challenge) => states.get(challenge.id) === 'open' && follows(challenge, moved),
  )
  if (open.every(({ needs }) => !needs.includes('cluster'))) return open
  // Without a namespace there is nothing to be seen: what the player does in it once it is there makes a look.
  const row = await workspaceRow(game.sql, player.playerId)
  return row && isLive(row.state) ? open : open.filter(({ needs }) => !needs.includes('cluster'))
}

/** Open challenges that follow images, of which nothing else is to be seen than last time. */
export async function settled(game: Game, player: Glanced, signal: AbortSignal): Promise<Challenge[]> {
  const found: Challenge[] = []
  for (const challenge of await followed(game, player, 'image')) {
    const { look, outcome } = await lookNow(game, player, challenge, signal)
    const isSettled = outcome.verdict !== 'inconclusive' && (await changed(game, look, outcome)) === null
    if (isSettled) found.push(challenge)
  }
  return found
}

/** Whatever is to be seen of these challenges now makes no submission. */
export async function takeAsSeen(
  game: Game,
  player: Glanced,
  challenges: readonly Challenge[],
  signal: AbortSignal,
): Promise<void> {
  for (const challenge of challenges.filter((one) => follows(one, 'image'))) {
    const { outcome } = await lookNow(game, player, challenge, signal)
    const hash = outcome.verdict === 'inconclusive' ? unseen : hashOf(followedIn(game, outcome))
    await keepGlance(game.sql, player.playerId, challenge.id, hash)
  }
}

async function lookNow(game: Game, player: Glanced, challenge: Challenge, signal: AbortSignal) {
  const snapshots = await snapshotsOf(game, player.slug, challenge)
  const look = pretend(player, challenge, { trigger: 'image', receivedAt: new Date(), snapshots })
  return { look, outcome: await lookAt(game, look, signal) }
}

/** Where something has to be typed, that is what triggers. Of commits, images and what runs, either may come last. */
function follows(challenge: Challenge, moved: Moved): boolean {
  return !wantsAnswer(challenge) && challenge.needs.includes(moved === 'image' ? 'registry' : 'cluster')
}

/** The hash of what is to be seen now; null where it is what was seen before. */
async function changed(game: Game, look: Look, outcome: Outcome): Promise<Buffer | null> {
  const now = followedIn(game, outcome)
  const last = await lastGlance(game.sql, look.playerId, look.challengeId)
  const nothingYet = now.results.every(({ evidence }) => evidence.length === 0)
  if (nothingYet && last === null) return null
  const hash = hashOf(now)
  if (!last?.equals(unseen)) return last?.equals(hash) ? null : hash
  await keepGlance(game.sql, look.playerId, look.challengeId, hash)
  return null
}

/** What a push of commits changes was judged with that push. */
function followedIn(game: Game, outcome: Outcome): Outcome {
  const results = outcome.results.filter(({ kind }) => !game.kinds.get(kind)?.needs.includes('forge'))
  return { ...outcome, results }
}

function hashOf({ results, pending }: Outcome): Buffer {
  const seen = results.map(({ verdict, findings, evidence }) => ({
    verdict,
    findings,
    evidence: evidence.map(({ what, revision, where }) => ({ what, revision, where })),
  }))
  return createHash('sha256')
    .update(JSON.stringify({ seen, pending: pending !== null }))
    .digest()
}

async function submitGlance(
  game: Game,
  player: Glanced,
  challenge: Challenge,
  { trigger, receivedAt, snapshots }: Look,
): Promise<string | null> {
  const request = { player, memberId: null, challenge, trigger, receivedAt, answer: null, snapshots }
  return await queue(game, request).catch((error: unknown) => {
    // Before the start and during a pause nothing is taken.
    if (error instanceof Refusal) return null
    throw error
  })
}

function pretend(
  { playerId, slug, playerName }: Glanced,
  { id }: Challenge,
  seen: Pick<Look, 'trigger' | 'receivedAt' | 'snapshots'>,
): Look {
  return {
    playerId,
    slug,
    playerName,
    ...seen,
    id: glanceId,
    memberId: null,
    challengeId: id,
    status: 'running',
    attempt: 1,
    retryAt: null,
    supersededBy: null,
    verdict: null,
    finishedAt: null,
    answer: null,
  }
}
