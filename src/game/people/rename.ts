import { skeletonOf } from '../../core/names.ts'
import { note } from '../../db/audit.ts'
import { tell } from '../../db/events.ts'
import { memberBySkeleton, renameMember, type MemberRow } from '../../db/members.ts'
import { renamePlayer } from '../../db/players.ts'
import type { Game } from '../game.ts'
import { taken, unlessTaken, validName } from './register.ts'

/** Renames a member and, where there is one, the player. The slug stays. */
export async function rename(game: Game, member: MemberRow, text: string): Promise<string> {
  const name = validName(text)
  const skeleton = skeletonOf(name)
  const known = await memberBySkeleton(game.sql, skeleton)
  if (known && known.id !== member.id) throw taken(name)
  await unlessTaken(name, () =>
    game.sql.begin(async (sql) => {
      await renameMember(sql, member.id, name, skeleton)
      if (member.playerId) {
        await renamePlayer(sql, member.playerId, name, skeleton)
        await tell(sql, 'player', member.playerId, member.slug ?? '')
      }
      await note(sql, { memberId: member.id, action: 'renamed', subject: `member ${member.id}` })
    }),
  )
  return name
}
