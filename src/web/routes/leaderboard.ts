import { Router } from 'express'
import { z } from 'zod'
import { pageSize } from '../../game/standings/leaderboard.ts'
import type { WebDeps } from '../deps.ts'
import { languageOf } from '../request/language.ts'
import { frameOf } from '../middleware/shell.ts'
import { originOf } from '../request/origin.ts'
import { sendPrepared } from '../request/prepared.ts'
import { leaderboardModel } from '../present/leaderboard.ts'

const query = z.object({
  page: z.coerce.number().int().min(1).max(100_000).catch(1),
  // What comes twice says nothing.
  screen: z.string().optional().catch(''),
  around: z.string().optional().catch(undefined),
})

/** `/leaderboard`, the same bytes for everybody who reads it in a language: made once per change, from memory. */
export function leaderboardRoutes({ game, views }: WebDeps): Router {
  const router = Router()
  router.get('/leaderboard', (req, res) => {
    const { page: asked, screen, around } = query.parse(req.query)
    const language = languageOf(req, game.hunt.languages)
    const { total } = game.leaderboard.standings
    const pages = Math.max(1, Math.ceil(total / pageSize))
    const rank = around === undefined ? null : game.leaderboard.standings.rankOfSlug(around)
    const wanted = rank === null ? asked : Math.ceil(rank / pageSize)
    const page = screen === undefined ? Math.min(wanted, pages) : 1
    const origin = originOf(req, game.config)
    const key = [
      'page',
      language,
      page,
      screen === undefined ? '' : 'screen',
      // The address stands on the screen of the room alone.
      screen === undefined ? '' : origin,
      game.settings.phase(),
    ].join(' ')
    const prepared = game.leaderboard.prepared(key, () => {
      const board = leaderboardModel(game, language, (page - 1) * pageSize, page * pageSize)
      const path =
        screen !== undefined
          ? '/leaderboard?screen'
          : page === 1
            ? '/leaderboard'
            : `/leaderboard?page=${page}`
      const shell = { ...frameOf(game, language), reader: 'anyone' as const, csrf: '', path, flash: null }
      const model = { board, page, pages, screen: screen !== undefined, joinUrl: `${origin}/join`, shell }
      return { type: 'text/html; charset=utf-8', body: views.page('leaderboard', model, language) }
    })
    res.vary('Cookie').vary('Accept-Language')
    sendPrepared(req, res, prepared)
  })
  return router
}
