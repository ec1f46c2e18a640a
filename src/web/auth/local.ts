import { Strategy } from 'passport-local'
import { checkPassword } from '../../game/people/passwords.ts'
import type { Game } from '../../game/game.ts'

/** Name and password, from the log-in form. */
export function localStrategy(game: Pick<Game, 'sql'>): Strategy {
  return new Strategy({ usernameField: 'name', passwordField: 'password' }, (name, password, done) => {
    checkPassword(game, name, password).then(
      (member) => done(null, member ?? false),
      (error: unknown) => done(error),
    )
  })
}
