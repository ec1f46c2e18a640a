import { Router } from 'express'
import { Refusal } from '../../lib/errors.ts'
import type { WebDeps } from '../deps.ts'
import type { Limits } from '../middleware/limits.ts'
import { authenticate, type Passport } from './authenticate.ts'
import { mount } from './mount.ts'
import { problems } from './problem.ts'
import { privateRoutes } from './routes.ts'

/** Everything that asks who you are; the end of the API. */
export function privateApi(deps: WebDeps, passport: Passport, limits: Limits): Router {
  const router = Router()
  router.use(authenticate(passport))
  mount(router, privateRoutes, deps, limits)
  router.use(() => {
    throw new Refusal(404, 'no-route', 'The API has no such address. /api/v1/openapi.json lists them all.')
  })
  router.use(problems(deps.game))
  return router
}
