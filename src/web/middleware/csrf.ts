import { doubleCsrf } from 'csrf-csrf'
import type { Request, RequestHandler } from 'express'
import type { Game } from '../../game/game.ts'
import type { CookieNames } from '../request/cookies.ts'
import { deriveKey } from '../../lib/secrets.ts'

export interface Csrf {
  /** Refuses a form without its token; the error has the code `EBADCSRFTOKEN`. */
  protect: RequestHandler
  /** The token that a page's forms carry; sets the cookie that goes with it. */
  token(req: Request): string
  /** Whether the form came from a page of ours, though perhaps of another log-in: its token is the cookie’s, or a visitor’s. */
  isKnown(req: Request): boolean
}

const tokenIn = (req: Pick<Request, 'body'>) => (req.body as { _csrf?: unknown } | undefined)?._csrf as string

/** Signed double submit, bound to who is logged in. */
export function setUpCsrf(game: Pick<Game, 'secret'>, names: Pick<CookieNames, 'form'>): Csrf {
  const csrf = doubleCsrf({
    getSecret: () => deriveKey(game.secret, 'forms').toString('hex'),
    getSessionIdentifier: (req) => (req.user ? `${req.user.id} ${req.sessionID}` : 'visitor'),
    cookieName: names.form,
    // The hunt may run on plain HTTP in a LAN, where a Secure cookie would never come back.
    cookieOptions: { sameSite: 'lax', path: '/', secure: false, httpOnly: true },
    getCsrfTokenFromRequest: tokenIn,
  })
  return {
    protect: csrf.doubleCsrfProtection,
    token: (req) => {
      if (!req.res) throw new Error('a request without its response')
      return csrf.generateCsrfToken(req, req.res)
    },
    isKnown(req) {
      const token: unknown = tokenIn(req)
      if (typeof token !== 'string' || token === '') return false
      const cookies = req.cookies as Record<string, string>
      const asVisitor = { cookies: { [names.form]: token }, body: { _csrf: token } } as unknown as Request
      return cookies[names.form] === token || csrf.validateRequest(asVisitor)
    },
  }
}
