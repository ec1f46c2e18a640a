import type { Request, RequestHandler, Response, Router } from 'express'
import { Refusal } from '../../lib/errors.ts'
import type { WebDeps } from '../deps.ts'
import { languageOf } from '../request/language.ts'
import type { Guesses } from '../middleware/guesses.ts'
import type { Limits } from '../middleware/limits.ts'
import { originOf } from '../request/origin.ts'
import { admit } from './authenticate.ts'
import { jsonBody } from './body.ts'
import { once } from './idempotency.ts'
import { parsed } from './problem.ts'
import type { ApiAnswer, ApiCall, Route } from './route.ts'

/** How often anybody may ask, and guess. */
export interface Bounds {
  limits: Limits
  guesses: Guesses
  /** Asks anew who calls, when all of the body is in: a slow one may outlive its token. */
  again?: RequestHandler
}

type AnyCall = ApiCall<Record<string, unknown>, Record<string, unknown>, unknown>

/** Puts routes on a router; a method that a path does not have is answered with 405, and `OPTIONS` with what it has. */
export function mount(router: Router, routes: readonly Route[], deps: WebDeps, bounds: Bounds): void {
  const read = jsonBody()
  for (const route of routes) {
    const limiter = route.limit ? [bounds.limits[route.limit]] : []
    const body = route.body ? [...read, ...(bounds.again ? [bounds.again] : [])] : []
    router[route.method](
      pathOf(route),
      cors(route),
      admit(route),
      ...limiter,
      ...body,
      handler(route, deps, bounds),
    )
  }
  for (const path of new Set(routes.map(pathOf))) {
    const here = routes.filter((route) => pathOf(route) === path)
    router.all(path, ...here.filter((route) => route.method === 'get').map(cors), otherwise(here))
  }
}

/** `/challenges/{id}` → `/challenges/:id` */
function pathOf(route: Route): string {
  return route.path.replace(/\{(\w+)\}/g, ':$1')
}

function handler(route: Route, deps: WebDeps, { guesses }: Bounds): RequestHandler {
  return async (req, res) => {
    const call = { ...callOf(route, deps, req, res), guesses }
    if (route.method === 'post') {
      const work = async () => (await route.handle(call)) ?? { status: 204 }
      send(res, await once(deps.game, req, call.body, work))
    } else {
      const answer = await route.handle(call)
      if (answer) send(res, answer)
    }
  }
}

function callOf(route: Route, deps: WebDeps, req: Request, res: Response): Omit<AnyCall, 'guesses'> {
  const gone = new AbortController()
  res.once('close', () => gone.abort())
  const query = route.query ? parsed(route.query, req.query) : {}
  return {
    ...deps,
    req,
    res,
    params: route.params ? parsed(route.params, req.params) : {},
    query,
    body: route.body ? parsed(route.body, req.body) : undefined,
    language:
      deps.game.hunt.languages.find((one) => one === query['lang']) ??
      languageOf(req, deps.game.hunt.languages),
    origin: originOf(req, deps.game.config),
    signal: gone.signal,
  }
}

function send(res: Response, { status, body, headers = {} }: ApiAnswer): void {
  if (!res.hasHeader('Cache-Control')) res.setHeader('Cache-Control', 'no-store')
  res.set(headers).status(status)
  if (body === undefined) res.end()
  else res.json(body)
}

/** Pages anywhere may read what everybody may read; cookies are never sent along to `*`. */
function cors({ access }: Route): RequestHandler {
  return (_req, res, next) => {
    if (access === 'public' || access === 'anyone') {
      res.setHeader('Access-Control-Allow-Origin', '*')
      res.setHeader('Access-Control-Expose-Headers', 'ETag, Retry-After, X-Request-Id')
      res.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
    }
    next()
  }
}

function otherwise(routes: readonly Route[]): RequestHandler {
  const methods = routes.map((route) => route.method.toUpperCase())
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
  return (req, res) => {
    res.setHeader('Allow', allow)
    if (req.method !== 'OPTIONS')
      throw new Refusal(405, 'no-method', `Here one may ${allow}.`, { allow: methods })
    if (res.hasHeader('Access-Control-Allow-Origin')) {
      res.setHeader('Access-Control-Allow-Methods', 'GET, HEAD')
      res.setHeader('Access-Control-Allow-Headers', 'If-None-Match, Last-Event-ID')
      res.setHeader('Access-Control-Max-Age', '86400')
    }
    res.status(204).end()
  }
}
