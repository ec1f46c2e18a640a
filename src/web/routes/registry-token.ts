import express, { Router, type ErrorRequestHandler, type Request, type Response } from 'express'
import type { IssuedToken, Registry } from '../../board/registry/types.ts'
import type { Game } from '../../game/game.ts'
import {
  issueToken,
  logInWithPassword,
  logInWithRefreshToken,
  type LoggedIn,
} from '../../game/people/registry-login.ts'
import { basicIn } from '../../lib/basic.ts'
import { Refusal } from '../../lib/errors.ts'
import type { WebDeps } from '../deps.ts'
import { errorAnswer } from '../request/error-answer.ts'
import type { Guesses } from '../middleware/guesses.ts'

type Fields = Record<string, unknown>

/**
 * Where clients of the registry get their tokens: by GET with Basic, as Docker's token authentication says, or by POST as its
 * OAuth2 form says. Right credentials without the right are no error: the token then opens less.
 */
export function registryTokenRoutes({ game }: WebDeps, guesses: Guesses): Router {
  const router = Router()
  const logIn = countedLogIn(guesses)
  const serve = (answer: (req: Request, registry: Registry) => Promise<object>) => {
    return async (req: Request, res: Response) => {
      const { registry } = game.board
      if (!registry) throw new Refusal(404, 'no-registry', 'This hunt has no registry.')
      res.set('Cache-Control', 'no-store').json(await answer(req, registry))
    }
  }

  router.get(
    '/registry/token',
    serve(async (req, registry) => {
      mustBeFor(registry, req.query)
      const given = basicIn(req)
      // Whoever asks without credentials guesses nothing: clients do so before they ask anybody for any.
      if (!given) throw noCredentials()
      const one = await logIn(req, given.name, () =>
        logInWithPassword(game, registry, given.name, given.pass),
      )
      const issued = await issueToken(game, registry, one, textsIn(req.query['scope']))
      return { ...bodyOf(issued), ...refreshOf(one, req.query['offline_token'] === 'true') }
    }),
  )
  router.post(
    '/registry/token',
    express.urlencoded({ extended: false, limit: '32kb' }),
    serve(async (req, registry) => {
      const form = (req.body ?? {}) as Fields
      mustBeFor(registry, form)
      const one = await logIn(req, textIn(form['username']), byForm(game, registry, form))
      const issued = await issueToken(game, registry, one, textsIn(form['scope']))
      const offline = form['access_type'] === 'offline' || form['grant_type'] === 'refresh_token'
      return { ...bodyOf(issued), scope: scopeOf(issued), ...refreshOf(one, offline) }
    }),
  )
  router.use('/registry/token', asRegistries(game))
  return router
}

type LogIn = () => Promise<LoggedIn | null>

/** Logs in; what fails counts. */
function countedLogIn(guesses: Guesses) {
  return async (req: Request, account: string, by: LogIn): Promise<LoggedIn> => {
    const one = await by()
    if (one) return one
    guesses.wrongToken(req, account)
    throw noCredentials()
  }
}

function noCredentials(): Refusal {
  return new Refusal(
    401,
    'no-credentials',
    'Log in with your slug as the user name and one of your tokens as the password.',
  )
}

function byForm(game: Pick<Game, 'secret' | 'sql'>, registry: Registry, form: Fields): LogIn {
  if (form['grant_type'] === 'password')
    return () => logInWithPassword(game, registry, textIn(form['username']), textIn(form['password']))
  if (form['grant_type'] === 'refresh_token')
    return () => logInWithRefreshToken(game, textIn(form['refresh_token']))
  throw new Refusal(400, 'wrong-grant', 'grant_type is either password or refresh_token.')
}

/** A registry with another name for itself would refuse the token without a word. */
function mustBeFor({ tokens }: Registry, { service }: Fields): void {
  if (service === undefined || service === '' || service === tokens.service) return
  throw new Refusal(
    400,
    'wrong-service',
    `Tokens are issued for ${tokens.service} alone: write the registry's configuration anew.`,
  )
}

function bodyOf({ token, expiresIn, issuedAt }: IssuedToken): object {
  return { token, access_token: token, expires_in: expiresIn, issued_at: issuedAt.toISOString() }
}

function scopeOf({ access }: IssuedToken): string {
  return access.map(({ type, name, actions }) => `${type}:${name}:${actions.join(',')}`).join(' ')
}

function refreshOf({ refreshToken }: LoggedIn, wanted: boolean): object {
  return wanted && refreshToken !== null ? { refresh_token: refreshToken } : {}
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 1000) : ''
}

function textsIn(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string')
}

/** Errors in the form that clients of registries print. */
function asRegistries({ log }: Pick<WebDeps['game'], 'log'>): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    if (res.headersSent) {
      next(error)
      return
    }
    const { status, detail = 'The server cannot issue tokens right now.', retryAfter } = errorAnswer(error)
    if (status >= 500) log.error({ err: error }, 'a token could not be issued')
    if (status === 401) res.set('WWW-Authenticate', 'Basic realm="Shambhala: your token is the password"')
    if (retryAfter !== undefined) res.set('Retry-After', String(retryAfter))
    const code = status === 401 ? 'UNAUTHORIZED' : status === 429 ? 'TOOMANYREQUESTS' : 'UNKNOWN'
    res.status(status).json({ errors: [{ code, message: detail }], details: detail })
  }
}
