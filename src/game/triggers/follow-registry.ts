import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Registry } from '../../board/registry/types.ts'
import { tryLock } from '../../db/locks.ts'
import { playerBySlug } from '../../db/players.ts'
import { allRegistryUse } from '../../db/registry-use.ts'
import { createGate } from '../../lib/gate.ts'
import type { Game } from '../game.ts'
import { glance } from './glance.ts'
import type { PlayerRef } from '../handing-out/provision.ts'
import { readRegistry } from '../registry/read.ts'

/** A push makes a notification for each blob and manifest; they are looked at once. */
const quietMs = 250
const busyMs = 1000
/** What could not be looked at is looked at again, each time after twice as long. */
const retryMs = 3_000
const longestRetryMs = 300_000
/** Notifications get lost; every path is read this often all the same. */
const usual = { reconcileMs: 300_000, leadMs: 5_000 }
/** Of news, and of all else, so that nobody’s push waits for a round of everybody or for what failed before. */
const atOnce = 4
const mostHints = 1000
const leaderLock = 7_308

/** What a notification says; nothing in it is believed before the registry was asked. */
export interface Notice {
  slug: string
  /** Below the player's path. */
  repository: string
  of: 'manifest' | 'blob'
  /** null where a tag was deleted. */
  digest: string | null
}

/** What is to be looked at of one player. */
interface Due {
  /** Not only what the hints name. */
  whole: boolean
  /** A manifest moved, so that a stage may be solved. */
  stages: boolean
  hints: Map<string, { manifests: Set<string>; blobs: Set<string> }>
  /** Somebody has just pushed. */
  news: boolean
  /** How often it could not be looked at. */
  tries: number
  timer?: NodeJS.Timeout
}

/** Reads again what moved in the registry, and looks whether stages are solved by it. Any process may hear of it. */
export interface RegistryFollower {
  start(): void
  moved(notice: Notice): void
  close(): Promise<void>
}

export function createRegistryFollower(
  game: Game,
  registry: Registry,
  { reconcileMs, leadMs } = usual,
): RegistryFollower {
  const closing = new AbortController()
  // Every request under way listens to it.
  setMaxListeners(0, closing.signal)
  const waiting = new Map<string, Due>()
  const working = new Set<Promise<void>>()
  const gate = createGate(atOnce)
  const turns = createGate(1)
  let round: Promise<void> = Promise.resolve()

  const count = async (player: PlayerRef, { whole, hints }: Due) => {
    if (whole) await readRegistry(game, registry, player, null, closing.signal)
    // A layer that no manifest names yet is in no list: only its notification tells of it.
    if (!whole || hints.size > 0) await readRegistry(game, registry, player, hints, closing.signal)
  }
  const look = async (slug: string, due: Due) => {
    const { stages } = due
    const player = await playerBySlug(game.sql, slug)
    if (player?.state !== 'active' || closing.signal.aborted) return
    const one = { playerId: player.id, slug, playerName: player.name }
    // What people wait for is the verdict; counting bytes goes beside it.
    const both = [
      stages ? glance(game, one, 'image', closing.signal) : Promise.resolve(null),
      count(one, due),
    ] as const
    await Promise.allSettled(both)
    const [glanced] = await Promise.all(both)
    if (glanced?.busy) later(slug, { stages: true, news: due.news }, busyMs)
    if (glanced?.unclear) again(slug, due)
  }
  const start = (slug: string, due: Due, milliseconds: number) => {
    clearTimeout(due.timer)
    if (closing.signal.aborted) return
    waiting.set(slug, due)
    due.timer = setTimeout(() => {
      waiting.delete(slug)
      const work = gate
        .pass(due.news ? 'news' : 'rounds', () => turns.pass(slug, () => look(slug, due)))
        .catch((error: unknown) => {
          game.log.warn({ err: error, slug }, 'what was pushed could not be looked at; it is tried again')
          again(slug, due)
        })
        .finally(() => working.delete(work))
      working.add(work)
    }, milliseconds)
  }
  const later = (
    slug: string,
    more: Partial<Pick<Due, 'whole' | 'stages' | 'news' | 'tries'>>,
    milliseconds = quietMs,
  ): Due => {
    const none = { whole: false, stages: false, news: false, tries: 0 }
    const due: Due = waiting.get(slug) ?? { ...none, hints: new Map() }
    start(slug, Object.assign(due, more), milliseconds)
    return due
  }
  const again = (slug: string, due: Due) => {
    const next = waiting.get(slug)
    if (!next) {
      const after = Math.min(retryMs * 2 ** due.tries, longestRetryMs)
      start(slug, { ...due, news: false, tries: due.tries + 1 }, after)
      return
    }
    // Something moved meanwhile, so that it is looked at anyway.
    Object.assign(next, { whole: next.whole || due.whole, stages: next.stages || due.stages })
    for (const [repository, { manifests, blobs }] of due.hints) hint(next, repository, manifests, blobs)
  }
  const reconcile = async () => {
    const names = await registry.repositories(closing.signal)
    const slugs = new Set(names.map((name) => name.split('/')[0] ?? ''))
    for (const { slug } of await allRegistryUse(game.sql)) slugs.add(slug)
    for (const slug of slugs) if (slug !== 'hunt') later(slug, { whole: true, stages: true })
  }
  const lead = async () => {
    const lock = await tryLock(game.sql, leaderLock)
    let reconciled = 0
    try {
      while (lock?.held() && !closing.signal.aborted) {
        if (Date.now() - reconciled > reconcileMs) {
          await reconcile().then(
            () => (reconciled = Date.now()),
            (error: unknown) =>
              game.log.warn({ err: error }, 'the registry could not be read; it is tried again'),
          )
        }
        await sleep(leadMs, undefined, { signal: closing.signal }).catch(() => undefined)
      }
    } finally {
      lock?.release()
    }
  }
  const run = async () => {
    while (!closing.signal.aborted) {
      await lead().catch((error: unknown) =>
        game.log.warn({ err: error }, 'reading the registry broke off; it starts again'),
      )
      await sleep(leadMs, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }

  return {
    start: () => void (round = run()),
    moved({ slug, repository, of, digest }) {
      const due = later(slug, { news: true, tries: 0, ...(of === 'manifest' && { stages: true }) })
      const digests = digest === null ? [] : [digest]
      hint(due, repository, of === 'manifest' ? digests : [], of === 'blob' ? digests : [])
    },
    async close() {
      closing.abort()
      for (const { timer } of waiting.values()) clearTimeout(timer)
      await round
      await Promise.allSettled(working)
    },
  }
}

function hint(
  { hints }: Due,
  repository: string,
  manifests: Iterable<string>,
  blobs: Iterable<string>,
): void {
  const known = hints.get(repository) ?? { manifests: new Set(), blobs: new Set() }
  if (hints.size < mostHints) hints.set(repository, known)
  for (const digest of manifests) if (known.manifests.size < mostHints) known.manifests.add(digest)
  for (const digest of blobs) if (known.blobs.size < mostHints) known.blobs.add(digest)
}
