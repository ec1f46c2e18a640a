import { hash, verify } from '@node-rs/argon2'
import { deleteSessionsOf } from '../../db/sessions.ts'
import { endLinks, findLink, insertLink, useLink } from '../../db/links.ts'
import { lockMember, lockPassword, memberBySkeleton, setPassword, type MemberRow } from '../../db/members.ts'
import { note } from '../../db/audit.ts'
import type { Sql } from '../../db/client.ts'
import { Refusal } from '../../lib/errors.ts'
import { randomToken, sha256 } from '../../lib/secrets.ts'
import { lengthOf } from '../../lib/whole-text.ts'
import { skeletonOf } from '../../core/names.ts'
import type { Game } from '../game.ts'

// The library's default is argon2id; OWASP's cost for it: 19 MiB, two passes, one lane.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
export const passwordLength = { min: 8, max: 200 }

// Verified when there is no such player, so that the answer takes the same time.
let decoy: Promise<string> | undefined

export function hashPassword(password: string): Promise<string> {
  const length = lengthOf(password)
  if (length < passwordLength.min) {
    throw new Refusal(422, 'password-short', `The password needs at least ${passwordLength.min} characters.`)
  }
  if (length > passwordLength.max) {
    throw new Refusal(422, 'password-long', `The password may have at most ${passwordLength.max} characters.`)
  }
  return hash(password.normalize('NFC'), cost)
}

/** The member whose name and password these are; null for every other pair, in the same time. */
export async function checkPassword(
  game: Pick<Game, 'sql'>,
  name: string,
  password: string,
): Promise<MemberRow | null> {
  const given = bounded(password)
  const member = await memberBySkeleton(game.sql, skeletonOf(name.slice(0, 200)))
  // Awaited in both cases, so that the first log-in after a start is no slower for a name that is not there.
  const never = await (decoy ??= hash(randomToken(), cost))
  const right = await verify(member?.passwordHash ?? never, given)
  return right && member?.passwordHash ? member : null
}

/** As it is hashed; of one that is longer than any so much that it stays wrong. A character has two code units at most. */
function bounded(password: string): string {
  return password.slice(0, 2 * passwordLength.max + 1).normalize('NFC')
}

/** Changes the password and logs the member out everywhere else. `current` is asked where there is one. */
export async function changePassword(
  game: Pick<Game, 'sql'>,
  member: MemberRow,
  given: { current: string | undefined; next: string; keepSession: Buffer | null },
): Promise<void> {
  const current = bounded(given.current ?? '')
  if (member.passwordHash && !(await verify(member.passwordHash, current))) {
    throw wrongPassword()
  }
  const passwordHash = await hashPassword(given.next)
  await game.sql.begin(async (sql) => {
    // Meanwhile it may have been changed: whoever knew the old one alone has no say any more.
    if ((await lockPassword(sql, member.id)) !== member.passwordHash) throw wrongPassword()
    await replacePassword(sql, member.id, { passwordHash, keepSession: given.keepSession })
    await note(sql, { memberId: member.id, action: 'password-changed', subject: `member ${member.id}` })
  })
}

function wrongPassword(): Refusal {
  return new Refusal(422, 'password-wrong', 'The current password is not right.')
}

/**
 * The member is locked. With the old password ends what it, or somebody in its stead, could open: log-ins and links. Tokens are credentials of their own,
 * revoked one by one.
 */
async function replacePassword(
  sql: Sql,
  memberId: string,
  { passwordHash, keepSession }: { passwordHash: string; keepSession: Buffer | null },
): Promise<void> {
  await setPassword(sql, memberId, passwordHash)
  await deleteSessionsOf(sql, memberId, keepSession)
  await endLinks(sql, 'password', memberId)
}

/** A link that sets a new password, once, within a day. Returns its token, which is kept nowhere, and until when it works. */
export async function makePasswordLink(
  game: Pick<Game, 'sql'>,
  memberId: string,
  by: string | null,
): Promise<{ token: string; expiresAt: Date }> {
  const token = randomToken()
  const expiresAt = new Date(Date.now() + 24 * 3600 * 1000)
  await game.sql.begin(async (sql) => {
    // Of two that are made at once, one is left.
    await lockMember(sql, memberId)
    await insertLink(sql, {
      hash: sha256(token),
      kind: 'password',
      memberId,
      expiresAt,
    })
    await note(sql, { memberId: by, action: 'password-link', subject: `member ${memberId}` })
  })
  return { token, expiresAt }
}

export async function resetPassword(
  game: Pick<Game, 'sql'>,
  token: string,
  password: string,
): Promise<string> {
  const passwordHash = await hashPassword(password)
  const hash = sha256(token)
  return await game.sql.begin(async (sql) => {
    // Whoever makes another link, or changes the password, locks the member first, too.
    const found = await findLink(sql, hash, 'password')
    if (found?.memberId) await lockMember(sql, found.memberId)
    const link = await useLink(sql, hash, 'password')
    if (!link?.memberId)
      throw new Refusal(
        410,
        'link-used',
        'This link was used or has expired. Ask the organizers for a new one.',
      )
    await replacePassword(sql, link.memberId, { passwordHash, keepSession: null })
    await note(sql, { memberId: link.memberId, action: 'password-reset', subject: `member ${link.memberId}` })
    return link.memberId
  })
}
