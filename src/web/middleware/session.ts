import session from 'express-session'
import type { RequestHandler } from 'express'
import type { Game } from '../../game/game.ts'
import { deriveKey } from '../../lib/secrets.ts'
import { hostOnly, type CookieNames } from '../request/cookies.ts'
import { PostgresStore } from '../auth/session-store.ts'

/** Log-ins that end so many days after they were used last. */
export function setUpSession(
  game: Pick<Game, 'config' | 'secret' | 'sql'>,
  names: Pick<CookieNames, 'session'>,
): RequestHandler {
  const setUp = (name: string, secure: boolean) =>
    session({
      name,
      secret: deriveKey(game.secret, 'sessions').toString('hex'),
      // One each: the library lays what makes a session upon its store.
      store: new PostgresStore(game.sql, game.config.sessionDays),
      resave: false,
      saveUninitialized: false,
      // With every answer, so that the browser's time starts anew as the table's does.
      rolling: true,
      cookie: {
        httpOnly: true,
        sameSite: 'lax',
        path: '/',
        secure,
        maxAge: game.config.sessionDays * 24 * 3_600_000,
      },
    })
  // Wherever the visitor came by TLS; a hunt in a LAN on plain HTTP works too.
  const overTls = setUp(hostOnly(names.session), true)
  const inTheOpen = setUp(names.session, false)
  return (req, res, next) => (req.secure ? overTls : inTheOpen)(req, res, next)
}
