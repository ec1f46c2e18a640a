import { z } from 'zod'
import { reservedSlugs, skeletonOf, slugFrom } from '../../core/names.ts'
import type { PlayerRef } from '../../core/player.ts'
import type { Language } from '../../core/text.ts'
import type { Sql } from '../../db/client.ts'
import { tell } from '../../db/events.ts'
import { insertMember } from '../../db/members.ts'
import { insertPlayer, slugTaken } from '../../db/players.ts'
import { Refusal } from '../../lib/errors.ts'
import { deriveKey, hmac } from '../../lib/secrets.ts'
import type { Game } from '../game.ts'

/** A person, before they are written down. */
export interface NewMember {
  /** As `validName` gives it. */
  name: string
  email: string | null
  /** null for who logs in by other means. */
  passwordHash: string | null
  language: Language
}

/** A person who plays, alone or with others. */
export async function createMember(sql: Sql, playerId: string, member: NewMember): Promise<string> {
  return await insertMember(sql, { ...member, playerId, skeleton: skeletonOf(member.name), role: 'player' })
}

/** Who scores: a row on the leaderboard, with a slug of its own for good. */
export async function createPlayer(game: Pick<Game, 'secret'>, sql: Sql, name: string): Promise<PlayerRef> {
  const slug = await freeSlug(game, sql, name)
  const playerId = await insertPlayer(sql, { slug, name, skeleton: skeletonOf(name) })
  await tell(sql, 'player', playerId, slug)
  return { playerId, slug }
}

export function validEmail(text: string | undefined): string | null {
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

/** What is kept of a slug once its player has left, so that nobody else is given it. */
export function retiredSlugHash(game: Pick<Game, 'secret'>, slug: string): Buffer {
  return hmac(deriveKey(game.secret, 'retired-slugs'), slug)
}

async function freeSlug(game: Pick<Game, 'secret'>, sql: Sql, name: string): Promise<string> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const slug = slugFrom(name, attempt)
    if (!reservedSlugs.has(slug) && !(await slugTaken(sql, slug, retiredSlugHash(game, slug)))) return slug
  }
  throw new Error('no free slug in fifty tries')
}
