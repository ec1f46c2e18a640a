import type { Challenge } from '../../core/challenge.ts'
import type { PlayerRef } from '../../core/player.ts'
import { playerById } from '../../db/players.ts'
import type { Game } from '../game.ts'
import { imagePlaces } from '../image-places.ts'
import { parametersFor } from '../parameters.ts'
import type { StarterValues } from '../starters/files.ts'

/** What one player's starters are rendered with. */
export async function starterValues(
  game: Pick<Game, 'secret' | 'sql' | 'hunt' | 'board'>,
  player: PlayerRef,
  challenge: Challenge,
): Promise<StarterValues> {
  const row = await playerById(game.sql, player.playerId)
  const params = await parametersFor(game, player.playerId, challenge)
  const { images, registry } = imagePlaces(game, player.slug)
  return {
    params,
    registry,
    hunt: { images },
    player: { slug: player.slug, name: row?.name ?? player.slug },
  }
}
