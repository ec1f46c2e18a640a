import { timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { parseName, reservedSlugs, skeletonOf, slugFrom } from '../../core/names.ts'
import type { Language } from '../../core/text.ts'
import { note } from '../../db/audit.ts'
import { tell } from '../../db/events.ts'
import { insertMember, memberBySkeleton } from '../../db/members.ts'
import { insertPlayer, slugTaken } from '../../db/players.ts'
import type { Sql } from '../../db/client.ts'
import { Refusal } from '../../lib/errors.ts'
import { deriveKey, hmac, sha256 } from '../../lib/secrets.ts'
import type { Game } from '../game.ts'
import { hashPassword } from './passwords.ts'
import { provision } from '../handing-out/provision.ts'
import { createToken } from './tokens.ts'
import { requestWorkspace } from '../workspaces/lifecycle.ts'

export interface Registration {
  name: string
  password: string
  email?: string | undefined
  code?: string | undefined
  language: Language
}

export interface Registered {
  memberId: string
  playerId: string
  slug: string
  name: string
  /** Shown this once. */
  token: string
}

/** Makes a member and a player of one, with a first token, and their workspace. */
export async function register(game: Game, given: Registration): Promise<Registered> {
  checkCode(game, given.code)
  const name = validName(given.name)
  const email = validEmail(given.email)
  const skeleton = skeletonOf(name)
  if (await memberBySkeleton(game.sql, skeleton)) throw taken(name)
  const passwordHash = await hashPassword(given.password)

  const made = await unlessTaken(name, () =>
    game.sql.begin(async (sql) => {
      const slug = await freeSlug(game, sql, name)
      const playerId = await insertPlayer(sql, { slug, name, skeleton })
      const memberId = await insertMember(sql, {
        playerId,
        name,
        skeleton,
        email,
        passwordHash,
        language: given.language,
        role: 'player',
      })
      const { token } = await createToken(sql, memberId, 'first token')
      await tell(sql, 'player', playerId, slug)
      await note(sql, { memberId, action: 'registered', subject: `player ${slug}` })
      return { memberId, playerId, slug, name, token }
    }),
  )
  await requestWorkspace(game, made)
  // A repository that cannot be made now is made when it is first asked for.
  await provision(game, made).catch((error: unknown) =>
    game.log.error({ err: error, slug: made.slug }, 'provisioning failed'),
  )
  return made
}

/** The name as it is kept, or a refusal that says what is wrong with it. */
export function validName(text: string): string {
  const parsed = parseName(text)
  if ('name' in parsed) return parsed.name
  const reasons = {
    short: 'A name has at least 2 characters.',
    long: 'A name has at most 32 characters.',
    characters:
      'This name has characters that cannot be shown. Use letters, digits, spaces and usual punctuation.',
  }
  throw new Refusal(422, `name-${parsed.fault}`, reasons[parsed.fault])
}

export function taken(name: string): Refusal {
  return new Refusal(
    409,
    'name-taken',
    `Somebody plays as “${name}” already, or under a name that looks the same. Choose another.`,
  )
}

/** Two who take the same name in the same instant: the schema lets one in. A slug that was lost so is chosen again. */
export async function unlessTaken<T>(name: string, work: () => Promise<T>, tries = 5): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code, constraint_name: constraint } = error as { code?: string; constraint_name?: string }
    if (code === '23505' && constraint?.endsWith('skeleton_key')) throw taken(name)
    if (code === '23505' && constraint === 'players_slug_key' && tries > 1)
      return await unlessTaken(name, work, tries - 1)
    throw error
  }
}

function validEmail(text: string | undefined): string | null {
  if (text === undefined || text.trim() === '') return null
  const parsed = z.email().max(200).safeParse(text.trim())
  if (!parsed.success)
    throw new Refusal(
      422,
      'email',
      'This is not an e-mail address. Leave it empty if you would rather not give one.',
    )
  return parsed.data
}

function checkCode(game: Game, code: string | undefined): void {
  const { registration, registrationCode } = game.settings
  if (registration === 'open') return
  if (registration === 'closed')
    throw new Refusal(403, 'registration-closed', 'Registration is closed. Ask the organizers.')
  if (registrationCode === null) {
    throw new Refusal(
      403,
      'registration-no-code',
      'Registration needs a code, and the organizers have not set one yet.',
    )
  }
  if (!timingSafeEqual(sha256(code?.trim() ?? ''), sha256(registrationCode))) {
    throw new Refusal(403, 'registration-code', 'This is not the registration code. The organizers know it.')
  }
}

export function retiredSlugHash(game: Pick<Game, 'secret'>, slug: string): Buffer {
  return hmac(deriveKey(game.secret, 'retired-slugs'), slug)
}

async function freeSlug(game: Game, sql: Sql, name: string): Promise<string> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const slug = slugFrom(name, attempt)
    if (!reservedSlugs.has(slug) && !(await slugTaken(sql, slug, retiredSlugHash(game, slug)))) return slug
  }
  throw new Error('no free slug in fifty tries')
}
