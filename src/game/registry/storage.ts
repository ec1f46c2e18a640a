import { readQuantity } from '../../core/quantity.ts'
import { registryUseAndBudget, type RegistryUse } from '../../db/registry-use.ts'
import { workspaceRow } from '../../db/workspaces.ts'
import type { Game } from '../game.ts'

/** Bytes that no manifest names may fill as much again: they go with the registry's garbage only. */
const looseShare = 2

/** Bytes that a player's images may take; null where the board names no such budget. */
export async function storageBudget(
  game: Pick<Game, 'sql' | 'hunt' | 'budgets'>,
  playerId: string,
): Promise<number | null> {
  return bytesIn(game, (await workspaceRow(game.sql, playerId))?.budget)
}

/** The workspace's budget, or the hunt's where there is no workspace. */
function bytesIn({ hunt, budgets }: Pick<Game, 'hunt' | 'budgets'>, name?: string | null): number | null {
  return readQuantity(budgets[name ?? hunt.workspace.budget]?.images)
}

export function isOver(use: Pick<RegistryUse, 'bytes' | 'loose' | 'crowded'>, budget: number): boolean {
  return use.crowded || use.bytes >= budget || use.bytes + use.loose >= budget * looseShare
}

/** No more of this player's pushes are taken. */
export async function isStorageFull(
  game: Pick<Game, 'sql' | 'hunt' | 'budgets'>,
  playerId: string,
): Promise<boolean> {
  const use = await registryUseAndBudget(game.sql, playerId)
  const budget = use && bytesIn(game, use.budget)
  return use !== null && budget !== null && isOver(use, budget)
}
