import { timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { slugPattern } from '../../core/player.ts'
import { tellOfProbe } from '../../db/registry-probe.ts'
import { deriveKey, sha256 } from '../../lib/secrets.ts'
import type { Game } from '../game.ts'
import type { Notice } from './follow-registry.ts'
import { probed } from '../registry/probe.ts'

const place = new RegExp(`^(${slugPattern})/(.+)$`)
const digest = z.string().regex(/^sha(256|512):[0-9a-f]{64,128}$/)
const event = z.object({
  action: z.enum(['push', 'mount', 'delete']),
  target: z.object({
    mediaType: z.string().optional(),
    digest: digest.optional(),
    repository: z.string().max(255),
    tag: z.string().optional(),
  }),
})

/** What the registry sends as a bearer's token with its notifications. */
export function hookKey(secret: string): string {
  return deriveKey(secret, 'registry-hook').toString('base64url')
}

export function isHookKey({ secret }: Pick<Game, 'secret'>, key: string): boolean {
  return timingSafeEqual(sha256(key), sha256(hookKey(secret)))
}

/** What one event of a notification is about; nothing for pulls and for what is no player's. */
export function noticesOf(content: unknown): Notice[] {
  const { success, data } = event.safeParse(content)
  if (!success) return []
  const { action, target } = data
  const [, slug, repository] = place.exec(target.repository) ?? []
  if (slug === undefined || repository === undefined || slug === 'hunt') return []
  const named = target.tag !== undefined || /manifest|index/.test(target.mediaType ?? '')
  // A deletion says no media type: it may be of either.
  const of = named || action === 'delete' ? 'manifest' : 'blob'
  return [{ slug, repository, of, digest: target.digest ?? null }]
}

/** The digest of what this server itself pushed to hear of it; null for all that others do. Nobody else may push there. */
export function probeIn(content: unknown): string | null {
  const { success, data } = event.safeParse(content)
  if (!success || data.action !== 'push' || data.target.repository !== probed) return null
  return data.target.digest ?? null
}

/** To whoever waits for it, in whatever process. */
export async function passOnProbe({ sql }: Pick<Game, 'sql'>, digest: string): Promise<void> {
  await tellOfProbe(sql, digest)
}
