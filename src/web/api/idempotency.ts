import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Request } from 'express'
import { answerKey, dropKey, memberScope, readKey, takeKey } from '../../db/idempotency.ts'
import type { Game } from '../../game/game.ts'
import { Refusal } from '../../lib/errors.ts'
import { deriveKey, hmac } from '../../lib/secrets.ts'
import { addressOf } from '../middleware/limits.ts'
import type { ApiAnswer } from './route.ts'

export const keyShape = /^[!-~]{1,255}$/

/**
 * Does the work once for each `Idempotency-Key` of a member (of an address, where nobody is logged in), and gives later
 * requests the same answer for a day. Only successes are kept: what was refused may be asked again with the same key.
 *
 * Answers may hold a token, so they lie sealed with a key that comes from the client's own key and the hunt's secret; the
 * table has neither. The request's hash is keyed too, since its body may hold a password.
 */
export async function once(
  game: Pick<Game, 'secret' | 'sql' | 'log'>,
  req: Request,
  body: unknown,
  work: () => Promise<ApiAnswer>,
): Promise<ApiAnswer> {
  const given = req.get('idempotency-key')
  if (given === undefined) return await work()
  if (!keyShape.test(given))
    throw new Refusal(422, 'idempotency-key', 'An Idempotency-Key has 1 to 255 visible ASCII characters.')
  const scope = req.user ? memberScope(req.user.id) : `${addressOf(req)} ${req.path}`
  const key = hmac(deriveKey(game.secret, 'idempotency keys'), given).toString('hex')
  const hash = hmac(
    deriveKey(game.secret, 'idempotency requests'),
    JSON.stringify([req.method, req.path, body]),
  )
  const seal = sealWith(deriveKey(game.secret, `idempotency answer ${given}`))

  if (!(await takeKey(game.sql, scope, key, hash)))
    return await repeat(game, { scope, key, hash, open: seal.open })
  let answer: ApiAnswer
  try {
    answer = await work()
  } catch (error) {
    await dropKey(game.sql, scope, key).catch(() => undefined)
    throw error
  }
  await answerKey(game.sql, scope, key, answer.status, seal.close(answer)).catch((error: unknown) =>
    game.log.warn({ err: error }, 'an answer could not be kept for its Idempotency-Key'),
  )
  return answer
}

async function repeat(
  game: Pick<Game, 'sql'>,
  given: { scope: string; key: string; hash: Buffer; open: (sealed: string) => ApiAnswer },
): Promise<ApiAnswer> {
  const kept = await readKey(game.sql, given.scope, given.key)
  if (kept && !kept.requestHash.equals(given.hash))
    throw new Refusal(
      422,
      'idempotency-reused',
      'This Idempotency-Key was used for another request. Take a new one.',
    )
  if (!kept || kept.status === null)
    throw new Refusal(
      409,
      'idempotency-running',
      'The first request with this key is still being answered.',
      {
        retryAfter: 1,
      },
    )
  const answer = given.open(kept.body as string)
  return { ...answer, headers: { ...answer.headers, 'Idempotency-Replayed': 'true' } }
}

/** AES-256-GCM: nonce, tag, content. */
function sealWith(key: Buffer) {
  return {
    close: (answer: ApiAnswer): string => {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      const content = Buffer.concat([cipher.update(JSON.stringify(answer)), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), content]).toString('base64')
    },
    open: (sealed: string): ApiAnswer => {
      const bytes = Buffer.from(sealed, 'base64')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
      decipher.setAuthTag(bytes.subarray(12, 28))
      const content = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()])
      return JSON.parse(content.toString('utf8')) as ApiAnswer
    },
  }
}
