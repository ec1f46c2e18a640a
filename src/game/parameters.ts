import type { Challenge } from '../core/challenge.ts'
import { drawParam } from '../core/params.ts'
import { parametersOf, storeParameters, type ParamValue } from '../db/parameters.ts'
import type { Game } from './game.ts'

/** The player's own values for a challenge, drawn at first use and kept from then on, also when the author changes the lists. */
export async function parametersFor(
  game: Pick<Game, 'secret' | 'sql'>,
  playerId: string,
  challenge: Challenge,
): Promise<Readonly<Record<string, ParamValue>>> {
  const names = Object.keys(challenge.params)
  if (names.length === 0) return {}
  const kept = await parametersOf(game.sql, playerId, challenge.id)
  const missing = names.filter((name) => !(name in kept))
  if (missing.length === 0) return kept
  const drawn = Object.fromEntries(
    Object.entries(challenge.params)
      .filter(([name]) => missing.includes(name))
      .map(([name, spec]) => [name, drawParam(game.secret, playerId, challenge.id, name, spec)]),
  )
  await storeParameters(game.sql, playerId, challenge.id, drawn)
  return await parametersOf(game.sql, playerId, challenge.id)
}
