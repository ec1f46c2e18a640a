import { randomInt } from 'node:crypto'
import { note } from '../../db/audit.ts'
import { tell } from '../../db/events.ts'
import { deleteMembers } from '../../db/members.ts'
import { forgetPlayer } from '../../db/players.ts'
import { forgetRegistry, manifestsOf } from '../../db/registry-images.ts'
import { forgetAnswers } from '../../db/submissions.ts'
import type { Game } from '../game.ts'
import { imagesOfNobody } from '../registry/collect.ts'
import { retiredSlugHash } from './register.ts'
import { endWorkspace } from '../workspaces/lifecycle.ts'
import type { PlayerRef } from '../../core/player.ts'

/** Removes identity, credentials, repositories and images. The player stays without a name, with solves and audit. */
export async function leave(game: Game, player: PlayerRef): Promise<void> {
  await game.sql.begin(async (sql) => {
    await deleteMembers(sql, player.playerId)
    await forgetAnswers(sql, player.playerId)
    // The slug may hold the name: the row gets another one.
    const slug = `left${randomInt(1e12).toString(36)}`
    await forgetPlayer(sql, player.playerId, slug, retiredSlugHash(game, player.slug))
    await note(sql, { memberId: null, action: 'left', subject: `player ${slug}` })
    await tell(sql, 'player', player.playerId, slug)
  })
  await endWorkspace(game, player)
  await game.board.forge?.remove(player.slug)
  await forgetImages(game, player).catch((error: unknown) =>
    game.log.warn(
      { err: error, slug: player.slug },
      'images of a player who left stay until "registry collect"',
    ),
  )
}

async function forgetImages(
  { sql, board: { registry } }: Game,
  { playerId, slug }: PlayerRef,
): Promise<void> {
  if (!registry) return
  const known = (await manifestsOf(sql, playerId)).map((row) => ({ ...row, slug }))
  await forgetRegistry(sql, playerId)
  const tagged = await imagesOfNobody(registry, slug, AbortSignal.timeout(60_000))
  for (const one of [...tagged, ...known]) await registry.remove(one.slug, one.repository, one.digest)
}
