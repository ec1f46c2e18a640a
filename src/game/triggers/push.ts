import type { GitUser, Push, PushReceiver, RepositoryRef, Snapshot } from '../../board/forge/types.ts'
import { type Challenge, wantsAnswer } from '../../core/challenge.ts'
import { closePush, openPush } from '../../db/repositories.ts'
import { submissionById } from '../../db/submissions.ts'
import { Refusal } from '../../lib/errors.ts'
import type { Game } from '../game.ts'
import { hasLeft } from '../playing.ts'
import { progressOf } from '../progress.ts'
import { ensureRepository, openRepositories, repositoriesIn } from '../handing-out/provision.ts'
import { queue } from '../judging/submit.ts'
import { memberOfToken } from '../people/tokens.ts'
import { standsStill } from '../settings.ts'
import { heldPush, nothingJudged, refusedPush, startsLine, transcribe } from './transcript.ts'
import type { PlayerRef } from '../../core/player.ts'
import { waitForLook } from '../judging/wait.ts'

/** The game's side of the forge: who may, and what the pusher reads. `origin` is the address by which the pusher reached us. */
export function createPushReceiver(game: Game, origin: string): PushReceiver {
  return {
    async authenticate(_username, password) {
      const member = await memberOfToken(game, password)
      if (!member?.playerId || !member.slug) return null
      const { id: memberId, playerId, slug, language } = member
      return { memberId, playerId, slug, language }
    },
    allowed: (user, repository) => allowed(game, user, repository),
    async pushing(user, repository, before) {
      const ticket = await openPush(game.sql, user.playerId, repository.name, before)
      return ticket === null ? { refuse: refusedPush(hasLeft(), user.language).join(' ') } : { ticket }
    },
    pushed: (ticket, push) => answer(game, ticket, push, origin),
    async unmoved(ticket) {
      await closePush(game.sql, ticket)
    },
  }
}

/** One's own repository of a challenge that has opened; it is made now if it is not there yet, and not before the start. */
async function allowed(game: Game, user: GitUser, repository: RepositoryRef): Promise<boolean> {
  if (user.slug !== repository.slug || !repositoriesIn(game.hunt.challenges).has(repository.name))
    return false
  const isBefore = game.settings.phase() === 'before'
  const due = openRepositories(game, await progressOf(game, user.playerId, isBefore ? 'running' : undefined))
  if (!due.has(repository.name)) return false
  if (isBefore) {
    // It is there where the start was put off.
    if (await game.board.forge?.has(repository)) return true
    throw new Refusal(403, 'not-started', startsLine(game, user.language))
  }
  await ensureRepository(game, user, repository.name)
  return true
}

interface ReceivedPush {
  id: string
  player: PlayerRef
  memberId: string | null
  repository: string
  receivedAt: Date
  snapshot: Snapshot
}

interface Submitted {
  challenge: Challenge
  id: string
}

/** Queues the judging of every open challenge that lives in the repository, then lets go of the push. */
export async function submitPush(
  game: Game,
  push: ReceivedPush,
): Promise<{ submitted: Submitted[]; refused: Refusal | null }> {
  const { states } = await progressOf(
    game,
    push.player.playerId,
    game.settings.phase() === 'before' ? 'running' : undefined,
  )
  const judged = game.hunt.challenges.filter(
    (challenge) =>
      challenge.repository === push.repository &&
      states.get(challenge.id) === 'open' &&
      !wantsAnswer(challenge),
  )
  const submitted: Submitted[] = []
  let refused: Refusal | null = null
  for (const challenge of judged) {
    try {
      const snapshots = { [push.repository]: push.snapshot }
      const { player, memberId, receivedAt } = push
      const id = await queue(game, {
        player,
        memberId,
        receivedAt,
        snapshots,
        challenge,
        trigger: 'push',
        answer: null,
      })
      submitted.push({ challenge, id })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      refused = error
    }
  }
  await closePush(game.sql, push.id)
  return { submitted, refused }
}

/** What goes wrong here is told by the forge: the push's row is still open, or its submissions are, and the sweep judges them. */
async function* answer(game: Game, ticket: string, push: Push, origin: string): AsyncIterable<string> {
  const { user, repository, receivedAt, snapshot, updates } = push
  const { language } = user
  const { submitted, refused } = await submitPush(game, {
    id: ticket,
    player: user,
    memberId: user.memberId,
    repository: repository.name,
    receivedAt,
    snapshot,
  })
  if (refused) yield* refusedPush(refused, language)
  else if (submitted.length === 0) yield* nothingJudged(language)
  const stands = standsStill(game.settings)
  if (stands !== null && submitted.length > 0) {
    yield* heldPush(game, stands, language)
    return
  }

  const until = Date.now() + game.config.pushWaitSeconds * 1000
  for (const { challenge, id } of submitted) {
    await waitForLook(game, id, until - Date.now())
    const submission = await submissionById(game.sql, id)
    if (submission) yield* await transcribe(game, challenge, submission, { language, origin, updates })
  }
}
