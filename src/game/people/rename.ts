import { skeletonOf } from '../../core/names.ts'
import { note } from '../../db/audit.ts'
import { tell } from '../../db/events.ts'
import { memberBySkeleton, membersOf, renameMember, type MemberRow } from '../../db/members.ts'
import { lockPlayer, renamePlayer } from '../../db/players.ts'
import type { Game } from '../game.ts'
import { taken, unlessTaken, validName } from './names.ts'

/** Renames a person, and with them the player that they are alone: several share a name that is nobody's own. The slug stays. */
export async function rename(game: Pick<Game, 'sql'>, member: MemberRow, text: string): Promise<string> {
  const name = validName(text)
  const skeleton = skeletonOf(name)
  const known = await memberBySkeleton(game.sql, skeleton)
  if (known && known.id !== member.id) throw taken(name)
  await unlessTaken(name, () =>
    game.sql.begin(async (sql) => {
      const { playerId } = member
      if (playerId !== null) await lockPlayer(sql, playerId)
      await renameMember(sql, member.id, name, skeleton)
      if (playerId !== null && (await membersOf(sql, playerId)).length === 1) {
        await renamePlayer(sql, playerId, name, skeleton)
        await tell(sql, 'player', playerId, member.slug ?? '')
      }
      await note(sql, { memberId: member.id, action: 'renamed', subject: `member ${member.id}` })
    }),
  )
  return name
}
