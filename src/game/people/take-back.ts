import type { PlayerRef } from '../../core/player.ts'
import { isAway } from '../../db/client.ts'
import {
  deleteLeaving,
  dueLeavings,
  forgetWords,
  postponeLeaving,
  type LeavingRow,
} from '../../db/leavings.ts'
import { isRetired } from '../../db/players.ts'
import { forgetRegistry, manifestsOf } from '../../db/registry-images.ts'
import { workspaceRow } from '../../db/workspaces.ts'
import { timeoutSignal } from '../../lib/deadline.ts'
import { createRounds, forAll, type Rounds } from '../../lib/rounds.ts'
import type { Game } from '../game.ts'
import { imagesOfNobody } from '../registry/collect.ts'
import { clearWorkspace } from '../workspaces/lifecycle.ts'
import { retiredSlugHash } from './create.ts'

/**
 * Longer than anything that began before somebody left may go on: a token of the registry lives five minutes, images are laid
 * for four, a push is taken in for less.
 */
const graceSeconds = 900
const againSeconds = 240
const registryMs = 60_000
/** So many images that cannot be removed one after the other: the registry is away. */
const mostInARow = 3

type Taking = Pick<Game, 'sql' | 'hunt' | 'board' | 'server'>

/** Whatever a player who left was handed, and wrote. What is in the way of one part is in the way of no other; the first throws. */
export async function takeBack(game: Taking, leaver: PlayerRef): Promise<void> {
  const parts: (() => Promise<unknown>)[] = [
    () => forgetWords(game.sql, leaver.playerId),
    async () => game.board.forge?.remove(leaver.slug),
    () => clearWorkspace(game, leaver),
    () => removeImages(game, leaver),
  ]
  await forAll(parts, (part) => part())
}

/** Takes back what could not be taken back at once, until nothing is left, and what came in the instant of leaving. */
export function createTakingBack(game: Taking & Pick<Game, 'log'>): () => Promise<void> {
  const rounds: Rounds<LeavingRow> = createRounds({
    log: game.log,
    what: 'what somebody who left was handed',
    keyOf: ({ playerId }) => playerId,
    // The row itself says when the next try is due.
    firstMs: 0,
    ends: isAway,
  })
  return async () => {
    await rounds.each(await dueLeavings(game.sql), (leaving) => takeBackAgain(game, leaving))
  }
}

async function takeBackAgain(game: Taking, leaving: LeavingRow): Promise<void> {
  const { playerId, seconds } = leaving
  try {
    await takeBack(game, leaving)
  } catch (error) {
    await postponeLeaving(game.sql, playerId, { failed: true, seconds: againSeconds })
    throw error
  }
  if (seconds > graceSeconds && !(await workspaceRow(game.sql, playerId)))
    await deleteLeaving(game.sql, playerId)
  else await postponeLeaving(game.sql, playerId, { failed: false, seconds: againSeconds })
}

/** Repositories of which only their slug tells that they were those of somebody who left. */
export async function removeStrays(game: Pick<Game, 'secret' | 'sql' | 'board'>): Promise<void> {
  const { forge } = game.board
  if (!forge) return
  await forAll(await forge.owners(), async (slug) => {
    if (await isRetired(game.sql, retiredSlugHash(game, slug))) await forge.remove(slug)
  })
}

async function removeImages(
  { sql, board: { registry } }: Pick<Game, 'sql' | 'board'>,
  { playerId, slug }: PlayerRef,
): Promise<void> {
  if (registry) {
    const known = (await manifestsOf(sql, playerId)).map((row) => ({ ...row, slug }))
    const tagged = await imagesOfNobody(registry, slug, timeoutSignal(registryMs))
    await forAll([...tagged, ...known], (one) => registry.remove(one.slug, one.repository, one.digest), {
      mostInARow,
    })
  }
  await forgetRegistry(sql, playerId)
}
