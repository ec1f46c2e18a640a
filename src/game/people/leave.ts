import { randomInt } from 'node:crypto'
import type { PlayerRef } from '../../core/player.ts'
import { aboutPlayer, note } from '../../db/audit.ts'
import type { Sql } from '../../db/client.ts'
import { tell } from '../../db/events.ts'
import { dropKeysOf } from '../../db/idempotency.ts'
import { forgetWords, insertLeaving } from '../../db/leavings.ts'
import { deleteMember, membersOf } from '../../db/members.ts'
import { forgetPlayer, lockLeaver } from '../../db/players.ts'
import { endSubmissions } from '../../db/submissions.ts'
import { endWorkspaceRow } from '../../db/workspaces.ts'
import { atMost } from '../../lib/deadline.ts'
import type { Game } from '../game.ts'
import { retiredSlugHash } from './create.ts'
import { takeBack } from './take-back.ts'

/** So long the leaver waits for it; the sweep does the rest. */
const waitedMs = 10_000
const sweptAfterSeconds = 20

/**
 * Removes a person with their credentials. With the last of its members the player goes too: what was being judged ends, then
 * name, words, repositories, images and workspace are taken back, now or as soon as that can be done. The row stays without a
 * name, with its solves.
 */
export async function leave(
  game: Pick<Game, 'secret' | 'server' | 'sql' | 'hunt' | 'board' | 'log'>,
  leaver: PlayerRef & { memberId: string },
): Promise<void> {
  const isLast = await game.sql.begin(async (sql) => {
    if (!(await lockLeaver(sql, leaver.playerId))) return false
    await deleteMember(sql, leaver.memberId)
    await dropKeysOf(sql, leaver.memberId)
    const others = await membersOf(sql, leaver.playerId)
    if (others.length === 0) await forget(game, sql, leaver)
    else await note(sql, { memberId: null, action: 'left', subject: `member ${leaver.memberId}` })
    return others.length === 0
  })
  if (!isLast) return
  const { playerId } = leaver
  const taken = takeBack(game, leaver).catch((error: unknown) =>
    game.log.warn(
      { err: error, playerId },
      'not all of a player who left could be removed; it is tried again',
    ),
  )
  await atMost(waitedMs, taken)
}

async function forget(game: Pick<Game, 'secret'>, sql: Sql, player: PlayerRef): Promise<void> {
  const { playerId } = player
  const ended = await endSubmissions(sql, playerId)
  await endWorkspaceRow(sql, playerId)
  await forgetWords(sql, playerId)
  await insertLeaving(sql, player, sweptAfterSeconds)
  // The slug may hold the name: the row gets another one.
  const slug = `left${randomInt(1e12).toString(36)}`
  await forgetPlayer(sql, playerId, slug, retiredSlugHash(game, player.slug))
  await note(sql, { memberId: null, action: 'left', subject: aboutPlayer(playerId) })
  for (const id of ended) await tell(sql, 'submission', playerId, id)
  await tell(sql, 'workspace', playerId, 'cluster:deleting')
  await tell(sql, 'player', playerId, slug)
}
