import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { gzipSync } from 'node:zlib'
import type { Prepared } from '../types.ts'

/** Keys come from query strings: what was asked for longest ago is made again, so that nobody's odd questions push out everybody's. */
const mostKept = 500

/** Bodies that were made at their first asking, until the next change. */
export interface PreparedBodies {
  of(key: string, make: () => { type: string; body: string }): Prepared
  clear(): void
}

export function createPreparedBodies(): PreparedBodies {
  const kept = new LRUCache<string, Prepared>({ max: mostKept })
  return {
    of(key, make) {
      const known = kept.get(key)
      if (known) return known
      const { type, body } = make()
      const plain = Buffer.from(body)
      const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 27)}"`
      const prepared = { type, etag, plain, gzip: gzipSync(plain, { level: 6 }) }
      kept.set(key, prepared)
      return prepared
    },
    clear: () => kept.clear(),
  }
}
