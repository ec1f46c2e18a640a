import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Prepared } from '../types.ts'

/** Keys come from query strings; what is asked for beyond this is simply made again. */
const mostKept = 500

/** Bodies that were made at their first asking, until the next change. */
export interface PreparedBodies {
  of(key: string, make: () => { type: string; body: string }): Prepared
  clear(): void
}

export function createPreparedBodies(): PreparedBodies {
  const kept = new Map<string, Prepared>()
  return {
    of(key, make) {
      const known = kept.get(key)
      if (known) return known
      const { type, body } = make()
      const plain = Buffer.from(body)
      const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 27)}"`
      const prepared = { type, etag, plain, gzip: gzipSync(plain, { level: 6 }) }
      if (kept.size < mostKept) kept.set(key, prepared)
      return prepared
    },
    clear: () => kept.clear(),
  }
}
