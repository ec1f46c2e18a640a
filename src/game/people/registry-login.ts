import { timingSafeEqual } from 'node:crypto'
import type { Caller, IssuedToken, Registry, Withheld } from '../../board/registry/types.ts'
import { pasted } from '../../core/pasted.ts'
import { reservedSlugs, skeletonOf } from '../../core/names.ts'
import { isSlug } from '../../core/player.ts'
import { visible } from '../../core/visible.ts'
import { tell } from '../../db/events.ts'
import { playerBySlug } from '../../db/players.ts'
import { keepRefusal } from '../../db/registry-refusals.ts'
import type { MemberRow } from '../../db/members.ts'
import { memberByToken } from '../../db/tokens.ts'
import { Refusal } from '../../lib/errors.ts'
import { deriveKey, hmac, sha256 } from '../../lib/secrets.ts'
import type { Game } from '../game.ts'
import { ownerOfToken } from './tokens.ts'
import { isStorageFull } from '../registry/storage.ts'

/** Somebody whose credentials are right. */
export interface LoggedIn {
  caller: Caller
  /** null for the pull Secret of a namespace. */
  playerId: string | null
  /** Stands for the credentials at the next log-in and ends with them. */
  refreshToken: string | null
}

/**
 * By name and password, as `docker login` asks for them: the name is the player's slug, or the name of the person, and the password is
 * one of their tokens. Throws a `Refusal` that says whose token it is where the name is another's.
 */
export async function logInWithPassword(
  game: Pick<Game, 'secret' | 'sql'>,
  registry: Registry,
  name: string,
  password: string,
): Promise<LoggedIn | null> {
  if (isSlug(name) && equal(pasted(password), registry.tokens.robotPassword(name)))
    // `board check` asks in a name that no player can have, of whom nothing can lie in the registry.
    return reservedSlugs.has(name) || (await playerBySlug(game.sql, name))?.state === 'active'
      ? { caller: { kind: 'robot', slug: name }, playerId: null, refreshToken: null }
      : null
  const owner = await ownerOfToken(game, password)
  if (!owner) return null
  mustBeOf(owner.member, name)
  return loggedIn(game, owner.member, owner.hash)
}

/** A right token under a wrong name would log in as somebody else than whoever typed it believes. */
function mustBeOf({ slug, name, playerName }: MemberRow, written: string): void {
  const given = pasted(written)
  if (slug === null || given.toLowerCase() === slug) return
  if ([name, playerName ?? name].some((own) => skeletonOf(own) === skeletonOf(given.slice(0, 200)))) return
  throw new Refusal(
    401,
    'another-token',
    `This token is ${slug}'s, and the user name is ${visible(given.slice(0, 60))}: log in as ${slug}.`,
  )
}

export async function logInWithRefreshToken(
  game: Pick<Game, 'secret' | 'sql'>,
  text: string,
): Promise<LoggedIn | null> {
  const [, hash = '', seal = ''] = /^shf_([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/.exec(text) ?? []
  if (hash === '' || !equal(seal, sealOf(game, hash))) return null
  const bytes = Buffer.from(hash, 'base64url')
  const member = await memberByToken(game.sql, bytes)
  return member ? loggedIn(game, member, bytes) : null
}

function loggedIn(
  game: Pick<Game, 'secret'>,
  { playerId, slug }: { playerId: string | null; slug: string | null },
  tokenHash: Buffer,
): LoggedIn | null {
  if (playerId === null || slug === null) return null
  const hash = tokenHash.toString('base64url')
  return { caller: { kind: 'player', slug }, playerId, refreshToken: `shf_${hash}.${sealOf(game, hash)}` }
}

function sealOf(game: Pick<Game, 'secret'>, hash: string): string {
  return hmac(deriveKey(game.secret, 'registry-refresh'), hash).toString('base64url')
}

function equal(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b))
}

/** A token for what of the scopes is theirs; pushes that are refused are kept for the page. */
export async function issueToken(
  game: Pick<Game, 'sql' | 'hunt' | 'budgets' | 'log'>,
  registry: Registry,
  { caller, playerId }: LoggedIn,
  scopes: readonly string[],
): Promise<IssuedToken> {
  const pushes = scopes.some((scope) => /[:,](push|\*)/.test(scope))
  const full = pushes && playerId !== null && (await isStorageFull(game, playerId))
  const issued = await registry.tokens.issue(caller, scopes, { full })
  if (playerId !== null && issued.withheld.length > 0)
    await keepRefusals(game, playerId, issued.withheld).catch((error: unknown) =>
      game.log.warn({ err: error }, 'a refused push could not be kept'),
    )
  return issued
}

async function keepRefusals(
  game: Pick<Game, 'sql'>,
  playerId: string,
  withheld: readonly Withheld[],
): Promise<void> {
  let told = false
  for (const one of withheld) told = (await keepRefusal(game.sql, playerId, one)) || told
  if (told) await tell(game.sql, 'workspace', playerId, 'registry:moved')
}
