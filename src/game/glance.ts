import { createHash } from 'node:crypto'
import type { Challenge } from '../core/challenge.ts'
import { keepGlance, lastGlance } from '../db/glances.ts'
import { unfinished, type ClaimedSubmission as Look } from '../db/submissions.ts'
import { Refusal } from '../lib/errors.ts'
import type { Game } from './game.ts'
import { lookAt, type Outcome } from './judge.ts'
import { progressOf } from './progress.ts'
import { queue, snapshotsOf, wantsAnswer } from './submit.ts'

interface Glanced {
  playerId: string
  slug: string
  playerName: string | null
}

/** Where something moved: in the player's namespaces, or below their path in the registry. */
export type Moved = 'cluster' | 'image'

/**
 * Looks at what moved and makes a submission of every stage of which something else is to be seen than last time. `busy`: one
 * is being judged; look again soon, since it may have looked before the change.
 */
export async function glance(
  game: Game,
  player: Glanced,
  moved: Moved,
  signal: AbortSignal,
): Promise<{ busy: boolean; submitted: string[] }> {
  const progress = await progressOf(game, player.playerId)
  const due = game.hunt.challenges.filter(
    (challenge) => progress.states.get(challenge.id) === 'open' && follows(challenge, moved),
  )
  let busy = false
  const submitted: string[] = []
  for (const challenge of due) {
    const receivedAt = new Date()
    if (await unfinished(game.sql, player.playerId, challenge.id, ['cluster', 'image'])) {
      busy = true
      continue
    }
    const snapshots = await snapshotsOf(game, player.slug, challenge)
    const look = pretend(player, challenge, { trigger: moved, receivedAt, snapshots })
    const hash = await changed(game, look, signal)
    if (hash === null) continue
    const id = await submitGlance(game, player, challenge, look)
    // Kept after the row is there: a crash in between looks twice rather than never.
    await keepGlance(game.sql, player.playerId, challenge.id, hash)
    if (id !== null) submitted.push(id)
  }
  return { busy, submitted }
}

/**
 * Where something has to be typed, that is what triggers. A stage with a repository moves by pushes of commits and of images:
 * either may come last.
 */
function follows(challenge: Challenge, moved: Moved): boolean {
  if (wantsAnswer(challenge)) return false
  if (moved === 'image') return challenge.needs.includes('registry')
  return challenge.needs.includes('cluster') && !challenge.needs.includes('forge')
}

/** The hash of what is to be seen now; null where it is what was seen before, or where nothing can be said. */
async function changed(game: Game, look: Look, signal: AbortSignal): Promise<Buffer | null> {
  const outcome = await lookAt(game, look, signal)
  if (outcome.verdict === 'inconclusive') return null
  // What a push of commits changes was judged with that push.
  const results = outcome.results.filter(({ kind }) => !game.kinds.get(kind)?.needs.includes('forge'))
  const last = await lastGlance(game.sql, look.playerId, look.challengeId)
  const nothingYet = results.every(({ evidence }) => evidence.length === 0)
  if (nothingYet && last === null) return null
  const hash = hashOf({ ...outcome, results })
  return last?.equals(hash) ? null : hash
}

function hashOf({ results, pending }: Outcome): Buffer {
  const seen = results.map(({ verdict, findings, evidence }) => ({
    ...{ verdict, findings },
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
    ...{ playerId, slug, playerName, ...seen },
    ...{ id: 'glance', memberId: null, challengeId: id },
    ...{ status: 'running', attempt: 1, retryAt: null, supersededBy: null, verdict: null, finishedAt: null },
    answer: null,
  }
}
