import { randomUUID, type KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import { deriveKey, hmac } from '../../lib/secrets.ts'
import { grant, readScopes } from './scope.ts'
import type { Access, Caller, TokenIssuer } from './types.ts'

/** `iss` of every token. */
export const issuerName = 'shambhala'
const seconds = 300
/** The clocks of the two machines differ. */
const earlierSeconds = 30

interface Issuer {
  key: { kid: string; privateKey: KeyObject }
  service: string
  secret: string
}

export function createTokenIssuer({ key, service, secret }: Issuer): TokenIssuer {
  const robots = deriveKey(secret, 'registry-robot')
  return {
    service,
    async issue(caller, scopes, options) {
      const { access, withheld } = grant(caller, readScopes(scopes), options)
      const issuedAt = new Date()
      const token = await sign({ key, service }, subjectOf(caller), access, issuedAt)
      return { token, expiresIn: seconds, issuedAt, access, withheld }
    },
    robotPassword: (slug) => `shr_${hmac(robots, slug).toString('base64url')}`,
  }
}

/** Whom the registry's notifications name as the actor. */
function subjectOf(caller: Caller): string {
  if (caller.kind === 'master') return 'master'
  return caller.kind === 'player' ? caller.slug : `${caller.slug}+robot`
}

async function sign(
  { key, service }: Pick<Issuer, 'key' | 'service'>,
  subject: string,
  access: readonly Access[],
  issuedAt: Date,
): Promise<string> {
  const now = Math.floor(issuedAt.getTime() / 1000)
  return await new SignJWT({ access })
    .setProtectedHeader({ typ: 'JWT', alg: 'ES256', kid: key.kid })
    .setIssuer(issuerName)
    .setSubject(subject)
    // Distribution 2.8 reads no list here.
    .setAudience(service)
    .setIssuedAt(now)
    .setNotBefore(now - earlierSeconds)
    .setExpirationTime(now + seconds)
    .setJti(randomUUID())
    .sign(key.privateKey)
}

/** Tokens for this server itself, each kept until shortly before it ends. */
export function masterTokens(issuer: TokenIssuer): (scope: string) => Promise<string> {
  const kept = new Map<string, { token: Promise<string>; until: number }>()
  return async (scope) => {
    const known = kept.get(scope)
    if (known && known.until > Date.now()) return await known.token
    if (kept.size >= mostKept) kept.clear()
    const token = issuer.issue({ kind: 'master' }, [scope]).then((issued) => issued.token)
    kept.set(scope, { token, until: Date.now() + (seconds - 60) * 1000 })
    return await token
  }
}

const mostKept = 5000
