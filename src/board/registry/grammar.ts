import { createHash, type Hash } from 'node:crypto'

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const repository = new RegExp(`^${component}(?:/${component})*$`)
const tag = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const digest = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/** A repository's name as OCI writes it: a path in lower case, 255 characters at most. */
export function isRepository(name: string): boolean {
  return name.length <= 255 && repository.test(name)
}

export function isTag(name: string): boolean {
  return tag.test(name)
}

/** A digest of an algorithm that can be recomputed here. */
export function isDigest(name: string): boolean {
  return digest.test(name)
}

export function digestOf(bytes: Buffer, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/** For `digest`, one that `isDigest` took. */
export function hashFor(digest: string): Hash {
  return createHash(algorithmOf(digest))
}

export function algorithmOf(digest: string): string {
  return digest.slice(0, digest.indexOf(':'))
}
