import { z } from 'zod'
import { findPlayers } from '../../../db/desk.ts'
import type { Game } from '../../../game/game.ts'
import type { Kept } from '../../auth/keepsakes.ts'
import type { DeskPlayers } from './model.ts'

const shown = 100

const queries = z.object({ find: z.string().max(100).catch('') })

export async function deskPlayers(
  game: Pick<Game, 'sql' | 'leaderboard'>,
  query: unknown,
  links: readonly Kept<'link'>[],
): Promise<DeskPlayers> {
  const { find } = queries.parse(query)
  const players = await findPlayers(game.sql, find, shown + 1)
  return {
    find,
    rows: players.slice(0, shown).map((player) => ({ ...player, name: player.name ?? player.slug })),
    more: players.length > shown,
    total: game.leaderboard.standings.total,
    resetLinks: links.map(({ id, name, url, until, expiresAt }) => ({
      id,
      name,
      text: url,
      until,
      expiresAt,
    })),
  }
}
