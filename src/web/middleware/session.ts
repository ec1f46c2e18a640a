import session from 'express-session'
import type { RequestHandler } from 'express'
import type { Game } from '../../game/game.ts'
import { deriveKey } from '../../lib/secrets.ts'
import { PostgresStore } from '../auth/session-store.ts'

export const sessionCookie = 'shambhala'

export function setUpSession(game: Pick<Game, 'config' | 'secret' | 'sql'>): RequestHandler {
  return session({
    name: sessionCookie,
    secret: deriveKey(game.secret, 'sessions').toString('hex'),
    store: new PostgresStore(game.sql, game.config.sessionDays),
    resave: false,
    saveUninitialized: false,
    cookie: {
      httpOnly: true,
      sameSite: 'lax',
      // Secure wherever the visitor came by TLS; a hunt in a LAN on plain HTTP works too.
      secure: 'auto',
      maxAge: game.config.sessionDays * 24 * 3_600_000,
    },
  })
}
