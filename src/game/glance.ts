import { createHash } from 'node:crypto'
import type { Challenge } from '../core/challenge.ts'
import { keepGlance, lastGlance } from '../db/glances.ts'
import { unfinished } from '../db/submissions.ts'
import { Refusal } from '../lib/errors.ts'
import type { Game } from './game.ts'
import { lookAt, type Outcome } from './judge.ts'
import { progressOf } from './progress.ts'
import { queue, wantsAnswer } from './submit.ts'

interface Glanced {
  playerId: string
  slug: string
  playerName: string | null
}

/**
 * Looks at what moved in a player's namespaces and makes a submission of every stage of which something else is to be seen
 * than last time. `busy`: one is being judged; look again soon, since it may have looked before the change.
 */
export async function glance(
  game: Game,
  player: Glanced,
  signal: AbortSignal,
): Promise<{ busy: boolean; submitted: string[] }> {
  const progress = await progressOf(game, player.playerId)
  const due = game.hunt.challenges.filter(
    (challenge) => progress.states.get(challenge.id) === 'open' && followsCluster(challenge),
  )
  let busy = false
  const submitted: string[] = []
  for (const challenge of due) {
    const receivedAt = new Date()
    if (await unfinished(game.sql, player.playerId, challenge.id, 'cluster')) {
      busy = true
      continue
    }
    const hash = await changed(game, player, challenge, signal)
    if (hash === null) continue
    const id = await submitGlance(game, player, challenge, receivedAt)
    // Kept after the row is there: a crash in between looks twice rather than never.
    await keepGlance(game.sql, player.playerId, challenge.id, hash)
    if (id !== null) submitted.push(id)
  }
  return { busy, submitted }
}

/** Stages that the cluster alone can solve; where something has to be typed or pushed, that is what triggers. */
function followsCluster(challenge: Challenge): boolean {
  return challenge.needs.includes('cluster') && !challenge.needs.includes('forge') && !wantsAnswer(challenge)
}

/** The hash of what is to be seen now; null where it is what was seen before, or where nothing can be said. */
async function changed(
  game: Game,
  player: Glanced,
  challenge: Challenge,
  signal: AbortSignal,
): Promise<Buffer | null> {
  const outcome = await lookAt(game, pretend(player, challenge), signal)
  if (outcome.verdict === 'inconclusive') return null
  const last = await lastGlance(game.sql, player.playerId, challenge.id)
  const nothingYet = outcome.results.every(({ evidence }) => evidence.length === 0)
  if (nothingYet && last === null) return null
  const hash = hashOf(outcome)
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
  receivedAt: Date,
): Promise<string | null> {
  const request = {
    player,
    memberId: null,
    challenge,
    trigger: 'cluster' as const,
    receivedAt,
    answer: null,
    snapshots: {},
  }
  return await queue(game, request).catch((error: unknown) => {
    // Before the start and during a pause nothing is taken.
    if (error instanceof Refusal) return null
    throw error
  })
}

function pretend({ playerId, slug, playerName }: Glanced, { id }: Challenge): Parameters<typeof lookAt>[1] {
  return {
    ...{ playerId, slug, playerName },
    ...{ id: 'glance', memberId: null, challengeId: id, trigger: 'cluster', receivedAt: new Date() },
    ...{ status: 'running', attempt: 1, retryAt: null, supersededBy: null, verdict: null, finishedAt: null },
    ...{ answer: null, snapshots: {} },
  }
}
