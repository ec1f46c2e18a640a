import { Router } from 'express'
import { Refusal } from '../../lib/errors.ts'
import type { WebDeps } from '../deps.ts'
import { authenticate, type Passport } from './authenticate.ts'
import { mount, type Bounds } from './mount.ts'
import { problems } from './problem.ts'
import { privateRoutes } from './routes.ts'

/** The rest of the API, by token or, for reading, by session; unknown addresses end here. */
export function privateApi(deps: WebDeps, passport: Passport, bounds: Bounds): Router {
  const router = Router()
  const again = authenticate(passport, bounds.guesses)
  router.use(again)
  mount(router, privateRoutes, deps, { ...bounds, again })
  router.use((_req, _res, next) => {
    next(new Refusal(404, 'no-call', 'There is no such call: /api/v1/openapi.json lists all of them.'))
  })
  router.use(problems(deps.game))
  return router
}
