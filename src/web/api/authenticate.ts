import type { RequestHandler } from 'express'
import type { MemberRow } from '../../db/members.ts'
import { Refusal } from '../../lib/errors.ts'
import type { createPassport } from '../auth/passport.ts'
import type { Route } from './route.ts'

export type Passport = ReturnType<typeof createPassport>

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/** A token in `Authorization: Bearer`. The session's cookie counts for reading only: no page elsewhere can change anything. */
export function authenticate(passport: Passport): RequestHandler {
  return (req, res, next) => {
    const given = req.get('authorization')
    if (given === undefined) {
      if (!safe.has(req.method)) delete req.user
      return next()
    }
    delete req.user
    if (!/^bearer /i.test(given)) return next(unauthorized('Write "Authorization: Bearer shb_…".'))
    const done = (error: unknown, member: MemberRow | false | undefined) => {
      if (error) return next(error)
      if (!member) return next(unauthorized('This token is not known here. It may have been revoked.'))
      req.user = member
      next()
    }
    ;(passport.authenticate('bearer', { session: false }, done) as RequestHandler)(req, res, next)
  }
}

/** Lets through whom the route is for. */
export function admit({ access }: Route): RequestHandler {
  return (req, _res, next) => {
    if (access === 'public' || access === 'anyone') return next()
    if (!req.user)
      return next(unauthorized('This needs a token: "Authorization: Bearer shb_…". Your page makes them.'))
    if (access === 'player' && req.user.playerId === null)
      return next(new Refusal(403, 'not-a-player', 'This is for players, and you organize.'))
    next()
  }
}

function unauthorized(message: string): Refusal {
  return new Refusal(401, 'unauthorized', message)
}
