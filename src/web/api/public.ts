import { Router } from 'express'
import type { WebDeps } from '../deps.ts'
import { mount } from './mount.ts'
import { openApi } from './openapi.ts'
import { problems } from './problem.ts'
import { privateRoutes, publicRoutes } from './routes.ts'

/** What everybody may read, before any session is looked up. */
export function publicApi(deps: WebDeps): Router {
  const router = Router()
  const document = JSON.stringify(openApi([...publicRoutes, ...privateRoutes], deps.game.hunt.name.en))
  router.get('/openapi.json', (_req, res) => {
    res.set('Access-Control-Allow-Origin', '*').type('json').send(document)
  })
  mount(router, publicRoutes, deps)
  router.use(problems(deps.game))
  return router
}
