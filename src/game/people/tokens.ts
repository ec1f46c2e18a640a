import { withoutInvisible } from '../../core/name-characters.ts'
import { deleteToken, insertToken, memberByToken, tokensOf, type TokenRow } from '../../db/tokens.ts'
import { pasted } from '../../core/pasted.ts'
import { note } from '../../db/audit.ts'
import { lockMember, type MemberRow } from '../../db/members.ts'
import { Refusal } from '../../lib/errors.ts'
import { beginningOf } from '../../lib/whole-text.ts'
import { randomToken, sha256 } from '../../lib/secrets.ts'
import type { Sql } from '../../db/client.ts'
import type { Game } from '../game.ts'

const prefix = 'shb_'
const shape = /^shb_[A-Za-z0-9_-]{43}$/
const most = 20

/** A token of 256 bits. The text is returned this once; the table holds its SHA-256. */
export async function createToken(
  game: Pick<Game, 'sql'>,
  memberId: string,
  name: string,
): Promise<TokenRow & { token: string }> {
  return await game.sql.begin((sql) => addToken(sql, memberId, name))
}

/** The same within a transaction. */
export async function addToken(
  sql: Sql,
  memberId: string,
  name: string,
): Promise<TokenRow & { token: string }> {
  const trimmed = beginningOf(withoutInvisible(name.normalize('NFC')).replace(/\p{C}/gu, '').trim(), 60)
  if (trimmed === '') throw new Refusal(422, 'token-name', 'Give the token a name, such as “laptop”.')
  // Of those who count at the same time, each sees what the one before has made.
  await lockMember(sql, memberId)
  if ((await tokensOf(sql, memberId)).length >= most) {
    throw new Refusal(409, 'token-many', `There are ${most} tokens already: revoke one that you do not use.`)
  }
  const token = randomToken(prefix)
  const row = await insertToken(sql, memberId, trimmed, sha256(token))
  await note(sql, { memberId, action: 'token-created', subject: `token ${row.id}` })
  return { ...row, token }
}

export async function revokeToken(game: Pick<Game, 'sql'>, memberId: string, id: string): Promise<void> {
  if (!/^\d{1,18}$/.test(id) || !(await deleteToken(game.sql, memberId, id))) {
    throw new Refusal(404, 'no-token', 'You have no such token.')
  }
  await note(game.sql, { memberId, action: 'token-revoked', subject: `token ${id}` })
}

/** The member, and by what the token is known. */
export interface TokenOwner {
  member: MemberRow
  hash: Buffer
}

/** Whose token was given, as people paste it. */
export async function ownerOfToken(game: Pick<Game, 'sql'>, text: string): Promise<TokenOwner | undefined> {
  const token = pasted(text)
  if (!shape.test(token)) return undefined
  const hash = sha256(token)
  const member = await memberByToken(game.sql, hash)
  return member && { member, hash }
}

export async function memberOfToken(game: Pick<Game, 'sql'>, text: string): Promise<MemberRow | undefined> {
  return (await ownerOfToken(game, text))?.member
}
