import { Router, type Request } from 'express'
import { hasReachedCity, progressOf } from '../../game/progress.ts'
import type { WebDeps } from '../deps.ts'
import { mustPlay, playerOf } from '../request/guards.ts'
import type { MapPage } from '../models/map.ts'
import { shellOf, show, showPartial } from '../middleware/shell.ts'
import { originOf } from '../request/origin.ts'
import { ownStanding, teaserOf } from '../present/leaderboard.ts'
import { trailModel } from '../present/trail.ts'
import { workspaceModel } from '../present/workspace.ts'
import type { Language } from '../../core/text.ts'

/** The player's map, and its fragments for the live connection: `?fragment=map-trail` and `?fragment=workspace`. */
export function mapRoutes({ game }: WebDeps): Router {
  const router = Router()
  const model = async (req: Request, language: Language): Promise<MapPage> => {
    const member = playerOf(req)
    const progress = await progressOf(game, member.playerId)
    const score = [...progress.solves.values()].reduce((sum, solve) => sum + solve.award, 0)
    return {
      teaser: teaserOf(game, language),
      trail: trailModel(game, progress, member.slug, language),
      own: ownStanding(game, member, score, progress.solves.size),
      workspace: await workspaceModel(game, member, language, originOf(req, game.config)),
      reachedCity: hasReachedCity(game, progress),
    }
  }
  router.get('/map', mustPlay, async (req, res) => {
    const page = await model(req, shellOf(res).language)
    if (req.query['fragment'] === 'map-trail') {
      showPartial(res, 'map-trail', page.trail)
      return
    }
    if (req.query['fragment'] === 'workspace') {
      showPartial(res, 'workspace', page.workspace)
      return
    }
    show(res, 'map', page)
  })
  return router
}
