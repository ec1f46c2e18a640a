import { Router } from 'express'
import { z } from 'zod'
import type { WebDeps } from '../deps.ts'
import { cookieNamesOf, hostOnly } from '../request/cookies.ts'
import { mount, type Bounds } from './mount.ts'
import { describe } from './openapi.ts'
import { problems } from './problem.ts'
import { route, type Route } from './route.ts'
import { privateRoutes, publicRoutes } from './routes.ts'

/** Describes every call, itself too; made at the first asking. */
function openApiRoute(): Route {
  const documents = new Map<string, object>()
  const self: Route = route({
    method: 'get',
    path: '/openapi.json',
    id: 'getOpenApi',
    about: 'This document.',
    access: 'public',
    answers: { 200: { about: 'OpenAPI 3.1.', schema: z.looseObject({}) } },
    handle({ req, res }) {
      res.setHeader('Cache-Control', 'public, max-age=300')
      const { session } = cookieNamesOf(req)
      const cookie = req.secure ? hostOnly(session) : session
      const document = documents.get(cookie) ?? describe([...publicRoutes, ...privateRoutes, self], cookie)
      documents.set(cookie, document)
      return { status: 200, body: document }
    },
  })
  return self
}

/** What everybody may read; neither session nor query. What is not here goes on to the next router. */
export function publicApi(deps: WebDeps, bounds: Bounds): Router {
  const router = Router()
  mount(router, [...publicRoutes, openApiRoute()], deps, bounds)
  router.use(problems(deps.game))
  return router
}
