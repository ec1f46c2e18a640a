import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Request } from 'express'
import { deleteKeepsake, insertKeepsake, keepsakesOf, trimKeepsakes } from '../../db/keepsakes.ts'
import type { Game } from '../../game/game.ts'
import { Refusal } from '../../lib/errors.ts'
import { deriveKey, sha256 } from '../../lib/secrets.ts'
import type { FormState } from '../models/shell.ts'
import { saveSession } from '../request/flash.ts'

declare module 'express-session' {
  interface SessionData {
    /** A visitor’s session is kept for what hangs on it. */
    keeps?: true
  }
}

/** A form that came back: `name` says which of its page, `status` what its answer would have been. */
export interface RefusedForm {
  name: string
  status: number
  state: FormState
}

/** What a session may look at again. Tokens and links are secrets: see `sealed`. */
export interface Keepsakes {
  token: { name: string; token: string; tokenId: string; first: boolean }
  link: { name: string; url: string; expiresAt: string; memberId: string }
  form: RefusedForm
}

export type Kept<Kind extends keyof Keepsakes> = Keepsakes[Kind] & { id: string; until: Date }

type Keeper = Pick<Game, 'sql' | 'secret'>

const minutes = 10
/** Of a kind; more than anybody makes in that time by hand. */
const most = 20

/** Keeps it for this session, for ten minutes. Returns the id that it has there; the `Refusal` 401 where the log-in has ended meanwhile. */
export async function keep<Kind extends keyof Keepsakes>(
  game: Keeper,
  req: Request,
  kind: Kind,
  content: Keepsakes[Kind],
): Promise<string> {
  if (!req.user) {
    req.session.keeps = true
    await saveSession(req)
  }
  const [session, id] = [sha256(req.sessionID), randomBytes(9).toString('base64url')]
  const sealed = seal(keyOf(game, req), `${kind} ${id}`, JSON.stringify(content))
  if (!(await insertKeepsake(game.sql, session, { id, kind, sealed, minutes })))
    throw new Refusal(401, 'log-in', 'Log in first.')
  await trimKeepsakes(game.sql, session, kind, most)
  return id
}

/** What is still kept of a kind, the newest first. */
export async function kept<Kind extends keyof Keepsakes>(
  game: Keeper,
  req: Request,
  kind: Kind,
): Promise<Kept<Kind>[]> {
  const rows = await keepsakesOf(game.sql, sha256(req.sessionID))
  return rows.flatMap((row) => {
    if (row.kind !== kind) return []
    const content = JSON.parse(unseal(keyOf(game, req), `${kind} ${row.id}`, row.sealed)) as Keepsakes[Kind]
    return [{ ...content, id: row.id, until: row.expiresAt }]
  })
}

export async function forget(game: Keeper, req: Request, id: string): Promise<void> {
  await deleteKeepsake(game.sql, sha256(req.sessionID), id)
}

/**
 * The table knows sessions by their hash, and the key comes from the id itself, which only the cookie holds: neither who reads the
 * database nor who has the server's secret can open what lies there.
 */
function keyOf({ secret }: Keeper, req: Request): Buffer {
  return deriveKey(secret, `keepsakes ${req.sessionID}`)
}

function seal(key: Buffer, about: string, text: string): Buffer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(about))
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body])
}

function unseal(key: Buffer, about: string, sealed: Buffer): string {
  const opened = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 })
  opened.setAAD(Buffer.from(about)).setAuthTag(sealed.subarray(12, 28))
  return Buffer.concat([opened.update(sealed.subarray(28)), opened.final()]).toString('utf8')
}
