import { createHash, type Hash } from 'node:crypto'

const digest = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

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
