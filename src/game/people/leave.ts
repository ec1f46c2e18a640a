import { randomInt } from 'node:crypto'
import type { PlayerRef } from '../../core/player.ts'
import { note } from '../../db/audit.ts'
import type { Sql } from '../../db/client.ts'
import { tell } from '../../db/events.ts'
import { deleteMember, membersOf } from '../../db/members.ts'
import { forgetPlayer, lockPlayer } from '../../db/players.ts'
import { forgetRegistry, manifestsOf } from '../../db/registry-images.ts'
import { forgetAnswers } from '../../db/submissions.ts'
import type { Game } from '../game.ts'
import { imagesOfNobody } from '../registry/collect.ts'
import { endWorkspace } from '../workspaces/lifecycle.ts'
import { retiredSlugHash } from './create.ts'
import { timeoutSignal } from '../../lib/deadline.ts'

/**
 * Removes a person with their credentials. With the last of its members the player goes too: repositories, images, workspace
 * and name; the row stays without a name, with solves and audit.
 */
export async function leave(
  game: Pick<Game, 'secret' | 'sql' | 'board' | 'log'>,
  leaver: PlayerRef & { memberId: string },
): Promise<void> {
  const isLast = await game.sql.begin(async (sql) => {
    await lockPlayer(sql, leaver.playerId)
    await deleteMember(sql, leaver.memberId)
    const others = await membersOf(sql, leaver.playerId)
    if (others.length === 0) await forget(game, sql, leaver)
    else await note(sql, { memberId: null, action: 'left', subject: `member ${leaver.memberId}` })
    return others.length === 0
  })
  if (isLast) await takeBack(game, leaver)
}

async function forget(game: Pick<Game, 'secret'>, sql: Sql, player: PlayerRef): Promise<void> {
  await forgetAnswers(sql, player.playerId)
  // The slug may hold the name: the row gets another one.
  const slug = `left${randomInt(1e12).toString(36)}`
  await forgetPlayer(sql, player.playerId, slug, retiredSlugHash(game, player.slug))
  await note(sql, { memberId: null, action: 'left', subject: `player ${slug}` })
  await tell(sql, 'player', player.playerId, slug)
}

/** What the player was handed. */
async function takeBack(game: Pick<Game, 'sql' | 'board' | 'log'>, player: PlayerRef): Promise<void> {
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
  { sql, board: { registry } }: Pick<Game, 'sql' | 'board'>,
  { playerId, slug }: PlayerRef,
): Promise<void> {
  if (!registry) return
  const known = (await manifestsOf(sql, playerId)).map((row) => ({ ...row, slug }))
  await forgetRegistry(sql, playerId)
  const tagged = await imagesOfNobody(registry, slug, timeoutSignal(60_000))
  for (const one of [...tagged, ...known]) await registry.remove(one.slug, one.repository, one.digest)
}
