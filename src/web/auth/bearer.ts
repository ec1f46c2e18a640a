import { Strategy, type VerifyFunction } from 'passport-http-bearer'
import { memberOfToken } from '../../game/people/tokens.ts'
import type { Game } from '../../game/game.ts'

/** A token in `Authorization: Bearer` (RFC 6750), for scripts. */
export function bearerStrategy(game: Pick<Game, 'sql'>): Strategy<VerifyFunction> {
  return new Strategy((token, done) => {
    memberOfToken(game, token).then(
      (member) => done(null, member ?? false),
      (error: unknown) => done(error),
    )
  })
}
