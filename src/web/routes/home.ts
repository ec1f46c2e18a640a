import { Router } from 'express'
import type { WebDeps } from '../deps.ts'
import { show, shellOf } from '../middleware/shell.ts'
import { leaderboardModel, reachedCity, teaserOf } from '../present/leaderboard.ts'

const shown = 10

export function homeRoutes({ game }: WebDeps): Router {
  const router = Router()
  router.get('/', (_req, res) => {
    const { language } = shellOf(res)
    show(res, 'landing', {
      teaser: teaserOf(game, language),
      registration: game.settings.registration,
      stages: game.hunt.challenges.filter((challenge) => !challenge.retired).length,
      players: game.leaderboard.standings.total,
      top: leaderboardModel(game, language, 0, shown),
      reachedCity: reachedCity(game),
    })
  })
  return router
}
