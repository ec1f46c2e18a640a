import { skeletonOf } from '../../core/names.ts'
import type { PlayerRef } from '../../core/player.ts'
import { pick, type Language, type Localized } from '../../core/text.ts'
import { aboutPlayer, note } from '../../db/audit.ts'
import { memberBySkeleton } from '../../db/members.ts'
import type { Game } from '../game.ts'
import { provision } from '../handing-out/provision.ts'
import { requestWorkspace } from '../workspaces/lifecycle.ts'
import { admit } from './admit.ts'
import { createMember, createPlayer, validEmail } from './create.ts'
import { taken, unlessTaken, validName } from './names.ts'
import { hashPassword } from './passwords.ts'
import { addToken } from './tokens.ts'

/** What somebody who registers writes. */
export interface RegistrationForm {
  name: string
  password: string
  email?: string | undefined
  code?: string | undefined
  language: Language
}

export interface Registered extends PlayerRef {
  memberId: string
  name: string
  /** Shown once. */
  token: string
  tokenId: string
  tokenName: string
}

/** What the token is called that players begin with. */
const firstToken: Localized = { en: 'first token', fr: 'premier jeton' }

/** One person comes to play alone: a member, a player of one, a first token, and what players are handed. */
export async function register(game: Game, given: RegistrationForm): Promise<Registered> {
  admit(game, given.code)
  const name = validName(given.name)
  const email = validEmail(given.email)
  if (await memberBySkeleton(game.sql, skeletonOf(name))) throw taken(name)
  const passwordHash = await hashPassword(given.password)

  const made = await unlessTaken(name, () =>
    game.sql.begin(async (sql) => {
      const player = await createPlayer(game, sql, name)
      const member = { name, email, passwordHash, language: given.language }
      const memberId = await createMember(sql, player.playerId, member)
      const tokenName = pick(firstToken, given.language)
      const { token, id: tokenId } = await addToken(sql, memberId, tokenName)
      await note(sql, { memberId, action: 'registered', subject: aboutPlayer(player.playerId) })
      return { ...player, memberId, name, token, tokenId, tokenName }
    }),
  )
  await handOut(game, made)
  return made
}

/** What a player is given at once; the rest comes as stages open. */
export async function handOut(game: Game, player: PlayerRef): Promise<void> {
  await requestWorkspace(game, player)
  // A repository that cannot be made now is made when it is first asked for.
  await provision(game, player).catch((error: unknown) =>
    game.log.error({ err: error, slug: player.slug }, 'provisioning failed'),
  )
}
