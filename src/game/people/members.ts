import { skeletonOf } from '../../core/names.ts'
import { memberBySkeleton, membersOf, type MemberRow } from '../../db/members.ts'
import { playerBySlug } from '../../db/players.ts'
import { Refusal } from '../../lib/errors.ts'
import type { Game } from '../game.ts'

/** Whom a text means: all who play under this slug, else the person of this name; empty where there is nobody. */
export async function membersNamed({ sql }: Pick<Game, 'sql'>, text: string): Promise<MemberRow[]> {
  const player = await playerBySlug(sql, text)
  if (player) return await membersOf(sql, player.id)
  const member = await memberBySkeleton(sql, skeletonOf(text))
  return member ? [member] : []
}

/**
 * Whose password a link for this player sets: passwords are each member's own. `memberId`: which of several. Throws a `Refusal`
 * where there is no such player, or where several play and none was named.
 */
export async function memberForLink(
  game: Pick<Game, 'sql'>,
  slug: string,
  memberId?: string,
): Promise<MemberRow> {
  const members = await membersNamed(game, slug)
  const [first] = members
  if (!first) throw new Refusal(404, 'no-player', 'There is no such player.')
  const named = members.find(({ id }) => id === memberId)
  if (named) return named
  if (members.length === 1) return first
  const names = members.map(({ id, name }) => `${name} (${id})`).join(', ')
  throw new Refusal(422, 'which-member', `Several play together: say for whom the link is: ${names}.`)
}
