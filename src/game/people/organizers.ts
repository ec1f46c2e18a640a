import { randomBytes } from 'node:crypto'
import { skeletonOf } from '../../core/names.ts'
import { note } from '../../db/audit.ts'
import { findLink, insertLink, useLink } from '../../db/links.ts'
import { insertMember, makeOrganizer, memberBySkeleton } from '../../db/members.ts'
import { Refusal } from '../../lib/errors.ts'
import { randomToken, sha256 } from '../../lib/secrets.ts'
import type { Game } from '../game.ts'

/** A link that logs one organizer in, once, within a day. A new one takes the place of the last. */
export async function makeOrganizerLink(game: Pick<Game, 'sql'>): Promise<string> {
  const token = randomToken()
  await insertLink(game.sql, {
    hash: sha256(token),
    kind: 'organizer',
    memberId: null,
    expiresAt: new Date(Date.now() + 24 * 3600 * 1000),
  })
  return token
}

export async function organizerLinkIsGood(game: Pick<Game, 'sql'>, token: string): Promise<boolean> {
  return (await findLink(game.sql, sha256(token), 'organizer')) !== undefined
}

/** Uses the link up and returns the organizer's member, whom the first link makes. They set a password on their page. */
export async function claimOrganizer(game: Pick<Game, 'sql'>, token: string): Promise<string> {
  return await game.sql.begin(async (sql) => {
    if (!(await useLink(sql, sha256(token), 'organizer'))) {
      throw new Refusal(
        410,
        'link-used',
        'This link was used or has expired. Restart the server, or run "bin/shambhala player organizer-link".',
      )
    }
    const known = await memberBySkeleton(sql, skeletonOf('Organizer'))
    const name =
      known && known.role !== 'organizer' ? `Organizer ${randomBytes(2).toString('hex')}` : 'Organizer'
    const memberId =
      known?.role === 'organizer'
        ? known.id
        : await insertMember(sql, {
            playerId: null,
            name,
            skeleton: skeletonOf(name),
            email: null,
            passwordHash: null,
            language: 'en',
            role: 'organizer',
          })
    await note(sql, { memberId, action: 'organizer-link-used', subject: `member ${memberId}` })
    return memberId
  })
}

/** Lets a member at the desk; they keep playing. */
export async function promote(game: Pick<Game, 'sql'>, memberId: string): Promise<void> {
  await game.sql.begin(async (sql) => {
    await makeOrganizer(sql, memberId)
    await note(sql, { memberId: null, action: 'made-organizer', subject: `member ${memberId}` })
  })
}
