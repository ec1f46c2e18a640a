import type { Registry } from '../../board/registry/types.ts'
import type { PlayerRef } from '../../core/player.ts'
import { playerBySlug } from '../../db/players.ts'
import { allRegistryUse } from '../../db/registry-use.ts'
import type { Game } from '../game.ts'
import { readRegistry } from '../registry/read.ts'
import { createFollower } from './follow.ts'
import { glance } from './glance.ts'

const mostHints = 1000

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
interface Work {
  /** Not only what the hints name. */
  whole: boolean
  /** A manifest moved, so that a stage may be solved. */
  stages: boolean
  hints: Map<string, { manifests: Set<string>; blobs: Set<string> }>
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
  times?: Parameters<typeof createFollower>[2],
): RegistryFollower {
  const count = async (player: PlayerRef, { whole, hints }: Work, signal: AbortSignal) => {
    if (whole) await readRegistry(game, registry, player, null, signal)
    // A layer that no manifest names yet is in no list: only its notification tells of it.
    if (!whole || hints.size > 0) await readRegistry(game, registry, player, hints, signal)
  }
  const follower = createFollower<Work>(
    game,
    {
      name: 'the registry',
      lock: 'registryRounds',
      merge,
      async everybody(signal) {
        const names = await registry.repositories(signal)
        const slugs = new Set(names.map((name) => name.split('/')[0] ?? ''))
        for (const { slug } of await allRegistryUse(game.sql)) slugs.add(slug)
        slugs.delete('hunt')
        return [...slugs].map((slug) => [slug, { whole: true, stages: true, hints: new Map() }] as const)
      },
      async look(slug, work, signal) {
        const player = await playerBySlug(game.sql, slug)
        if (player?.state !== 'active') return {}
        const one = { playerId: player.id, slug, playerName: player.name }
        // What people wait for is the verdict; counting bytes goes beside it.
        const both = [
          work.stages ? glance(game, one, 'image', signal) : Promise.resolve(null),
          count(one, work, signal),
        ] as const
        await Promise.allSettled(both)
        const [glanced] = await Promise.all(both)
        return {
          ...(glanced?.busy && { soon: { whole: false, stages: true, hints: new Map() } }),
          ...(glanced?.unclear && { later: work }),
        }
      },
    },
    times,
  )
  return {
    start: () => follower.start(),
    moved: (notice) => follower.moved(notice.slug, workOf(notice)),
    close: () => follower.close(),
  }
}

function workOf({ repository, of, digest }: Notice): Work {
  const digests = new Set(digest === null ? [] : [digest])
  const hint = { manifests: new Set<string>(), blobs: new Set<string>() }
  if (of === 'manifest') hint.manifests = digests
  else hint.blobs = digests
  return { whole: false, stages: of === 'manifest', hints: new Map([[repository, hint]]) }
}

function merge(waiting: Work, more: Work): Work {
  const { hints } = waiting
  for (const [repository, { manifests, blobs }] of more.hints) {
    const known = hints.get(repository) ?? { manifests: new Set(), blobs: new Set() }
    if (hints.size < mostHints) hints.set(repository, known)
    for (const digest of manifests) if (known.manifests.size < mostHints) known.manifests.add(digest)
    for (const digest of blobs) if (known.blobs.size < mostHints) known.blobs.add(digest)
  }
  return { whole: waiting.whole || more.whole, stages: waiting.stages || more.stages, hints }
}
