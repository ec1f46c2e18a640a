import type { Request, RequestHandler } from 'express'
import { pasted } from '../../core/pasted.ts'
import type { MemberRow } from '../../db/members.ts'
import { Refusal } from '../../lib/errors.ts'
import type { Guesses } from '../middleware/guesses.ts'
import type { createPassport } from '../auth/passport.ts'
import type { Route } from './route.ts'

export type Passport = ReturnType<typeof createPassport>

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/** A token in `Authorization: Bearer`. The session's cookie counts for reading only: no page elsewhere can change anything. */
export function authenticate(passport: Passport, guesses: Guesses): RequestHandler {
  return (req, res, next) => {
    const given = req.get('authorization')
    if (given !== undefined || !safe.has(req.method)) delete req.user
    if (given === undefined) {
      next()
      return
    }
    if (!/^bearer /i.test(given)) throw unauthorized('Write "Authorization: Bearer shb_…".')
    // The strategy takes one space, and no more than one.
    req.headers.authorization = `Bearer ${pasted(given.slice('bearer '.length))}`
    const done = (error: unknown, member: MemberRow | false | undefined) => {
      if (member) req.user = member
      next(error ?? (member ? undefined : refused(req, guesses)))
    }
    ;(passport.authenticate('bearer', { session: false }, done) as RequestHandler)(req, res, next)
  }
}

/** Lets through whom the route is for. */
export function admit({ access }: Route): RequestHandler {
  return ({ user }, _res, next) => {
    if (access === 'member' || access === 'player') {
      if (!user)
        throw unauthorized('This needs a token: "Authorization: Bearer shb_…". Your page makes them.')
      if (access === 'player' && user.playerId === null)
        throw new Refusal(403, 'not-playing', 'This account does not play.')
    }
    next()
  }
}

function unauthorized(message: string): Refusal {
  return new Refusal(401, 'unauthorized', message)
}

/** What a token that nobody has is answered. */
function refused(req: Request, guesses: Guesses): unknown {
  try {
    guesses.wrongToken(req)
  } catch (error) {
    return error
  }
  return unauthorized('This token is not known here. It may have been revoked.')
}
