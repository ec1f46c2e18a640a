import passportModule from 'passport'
import { memberById, type MemberRow } from '../../db/members.ts'
import type { Game } from '../../game/game.ts'
import { bearerStrategy } from './bearer.ts'

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the way by which Express types the user of a request
  namespace Express {
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the same
    interface User extends MemberRow {}
  }
}

/** A passport of this app's own, so that two apps in one process do not share strategies. */
export function createPassport(game: Pick<Game, 'sql'>) {
  const passport = new passportModule.Passport()
  passport.use(bearerStrategy(game))
  passport.serializeUser((user, done) => done(null, user.id))
  passport.deserializeUser((id: string, done) => {
    memberById(game.sql, id).then(
      (member) => done(null, member ?? false),
      (error: unknown) => done(error),
    )
  })
  return passport
}
