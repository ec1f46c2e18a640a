import { membersOf, type MemberRow } from '../../db/members.ts'
import { playerBySlug } from '../../db/players.ts'
import { Refusal } from '../../lib/errors.ts'
import type { Game } from '../game.ts'

/**
 * Whose password a link for this player sets: passwords are each member's own. `memberId`: which of several. Throws a `Refusal`
 * where there is no such player, or where several play and none was named.
 */
export async function memberForLink(
  { sql }: Pick<Game, 'sql'>,
  slug: string,
  memberId?: string,
): Promise<MemberRow> {
  const player = await playerBySlug(sql, slug)
  const members = player ? await membersOf(sql, player.id) : []
  const [first] = members
  const named = memberId === undefined ? undefined : members.find(({ id }) => id === memberId)
  if (!first) throw new Refusal(404, 'no-player', 'There is no such player.')
  if (named) return named
  if (members.length === 1) return first
  const names = members.map(({ id, name }) => `${name} (${id})`).join(', ')
  throw new Refusal(422, 'which-member', `Several play together: say for whom the link is: ${names}.`)
}
