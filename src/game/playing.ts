import type { Sql } from '../db/client.ts'
import { holdMember } from '../db/members.ts'
import { lockPlayer } from '../db/players.ts'
import { Refusal } from '../lib/errors.ts'

/**
 * Keeps a player, and the member who asks, from leaving until the transaction ends. Throws a `Refusal` where they have left.
 * The first lock of the transaction but for the hunt's.
 */
export async function holdPlayer(
  sql: Sql,
  { playerId, memberId = null }: { playerId: string; memberId?: string | null },
): Promise<void> {
  if (!(await lockPlayer(sql, playerId))) throw hasLeft()
  if (memberId !== null && !(await holdMember(sql, memberId))) throw hasLeft()
}

export function hasLeft(): Refusal {
  return new Refusal(409, 'left', 'You have left the hunt.')
}
