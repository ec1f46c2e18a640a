import { z } from 'zod'
import type { RawManifest, Registry } from '../../board/registry/types.ts'
import {
  blobsIn,
  knownRepositories,
  manifestsOf,
  writeRepository,
  type ManifestRow,
} from '../../db/registry-images.ts'
import { tell } from '../../db/events.ts'
import { lockPlayer } from '../../db/players.ts'
import { sumRegistryUse } from '../../db/registry-use.ts'
import { PlayerFault } from '../../lib/errors.ts'
import { forAll } from '../../lib/rounds.ts'
import type { Game } from '../game.ts'
import type { PlayerRef } from '../../core/player.ts'

/** Beyond these a path is not read to its end, and takes no more pushes. */
const mostTags = 500
const mostRepositories = 100
const mostParts = 1000
const atOnce = 8
/** So many repositories that cannot be read one after the other: the registry is away. */
const mostInARow = 3

/** Digests that notifications named: there is no list of manifests without tags, and none of blobs. */
export interface Hint {
  manifests: ReadonlySet<string>
  blobs: ReadonlySet<string>
}

/** By repository below the player's path. */
export type Hints = ReadonlyMap<string, Hint>

const nothing: Hint = { manifests: new Set(), blobs: new Set() }

const descriptor = z.object({ digest: z.string().max(140) })
const content = z.object({
  config: descriptor.optional(),
  layers: z.array(descriptor).max(mostParts).default([]),
  manifests: z.array(descriptor).max(mostParts).default([]),
  subject: descriptor.nullish(),
})

/**
 * Reads what the registry really holds for a player and writes it down: with hints the repositories that they name, else all.
 * True where something is other than before.
 */
export async function readRegistry(
  game: Pick<Game, 'sql'>,
  registry: Registry,
  player: PlayerRef,
  hints: Hints | null,
  signal: AbortSignal,
): Promise<boolean> {
  const images = registry.images(player.slug)
  const known = await knownRepositories(game.sql, player.playerId)
  const all = hints ? [...hints.keys()] : [...new Set([...(await images.repositories(signal)), ...known])]
  let crowded = new Set([...all, ...known]).size > mostRepositories
  let changed = false
  const readOne = async (repository: string) => {
    const read = { game, registry, player, repository, hint: hints?.get(repository) ?? nothing }
    const seen = await readRepository(read, signal)
    crowded ||= seen.crowded
    changed = (await write(read, seen)) || changed
  }
  await forAll(all.slice(0, mostRepositories), readOne, { mostInARow })
  if (crowded || !hints)
    await game.sql.begin(async (sql) => {
      if (await lockPlayer(sql, player.playerId))
        await sumRegistryUse(sql, player.playerId, { crowded, whole: hints === null })
    })
  return changed
}

interface Reading {
  game: Pick<Game, 'sql'>
  registry: Registry
  player: PlayerRef
  repository: string
  hint: Hint
}

interface Seen {
  manifests: ManifestRow[]
  blobs: Map<string, number>
  crowded: boolean
}

/** The sum goes with its parts: who sees an image sees what it counts, also if the server ends right after. */
async function write({ game, player, repository }: Reading, seen: Seen): Promise<boolean> {
  return await game.sql.begin(async (sql) => {
    // Of who left meanwhile nothing is known any more.
    if (!(await lockPlayer(sql, player.playerId))) return false
    const changed = await writeRepository(sql, player.playerId, repository, seen)
    if (changed) {
      await sumRegistryUse(sql, player.playerId, { crowded: seen.crowded, whole: false })
      await tell(sql, 'workspace', player.playerId, 'registry:moved')
    }
    return changed
  })
}

async function readRepository(one: Reading, signal: AbortSignal): Promise<Seen> {
  const { game, registry, player, repository, hint } = one
  const images = registry.images(player.slug)
  const list = await images.tags(repository, signal)
  const tags = list.tags.slice(0, mostTags)
  const known = (await manifestsOf(game.sql, player.playerId)).filter((row) => row.repository === repository)
  const named = new Map<string, { manifest: RawManifest; tags: string[] }>()
  const add = (manifest: RawManifest | null, tag?: string) => {
    if (!manifest) return
    const before = named.get(manifest.digest)
    named.set(manifest.digest, {
      manifest,
      tags: [...(before?.tags ?? []), ...(tag === undefined ? [] : [tag])],
    })
  }
  const read = (reference: string) =>
    images.manifest(repository, reference, signal).catch((error: unknown) => {
      // What cannot be read must not keep the rest from being counted.
      if (error instanceof PlayerFault) return null
      throw error
    })
  await each(tags, async (tag) => add(await read(tag), tag))
  const untagged = [...new Set([...known.map(({ digest }) => digest), ...hint.manifests])]
  await each(untagged.filter((digest) => !named.has(digest)).slice(0, mostTags), async (digest) =>
    add(await read(digest)),
  )
  const manifests = [...named.values()].map(({ manifest, tags: own }) =>
    rowOf(repository, manifest, own.sort()),
  )
  const blobs = await sizes(one, manifests, signal)
  return {
    manifests,
    blobs,
    crowded: list.truncated || list.tags.length > mostTags || untagged.length > mostTags,
  }
}

/** What manifests say of sizes is the player's word: the registry is asked for each blob once. */
async function sizes(
  one: Reading,
  manifests: readonly ManifestRow[],
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const { game, registry, player, repository, hint } = one
  const known = await blobsIn(game.sql, player.playerId, repository)
  const held = new Set(manifests.flatMap(({ blobs }) => blobs))
  const sizes = new Map<string, number>()
  const own = new Set(manifests.map(({ digest }) => digest))
  // Blobs that no manifest names may have been collected since.
  const asked = [...held].filter((digest) => !known.get(digest))
  const loose = [...new Set([...known.keys(), ...hint.blobs])].filter(
    (digest) => !held.has(digest) && !own.has(digest),
  )
  for (const digest of held) sizes.set(digest, known.get(digest) ?? 0)
  await each([...asked, ...loose.slice(0, mostParts)], async (digest) => {
    const size = await registry.blobSize(player.slug, repository, digest, signal)
    if (size !== null) sizes.set(digest, size)
  })
  return sizes
}

function rowOf(repository: string, { digest, contentType, bytes }: RawManifest, tags: string[]): ManifestRow {
  const row = { repository, digest, mediaType: contentType.slice(0, 200), tags, bytes: bytes.length }
  const parsed = content.safeParse(parse(bytes))
  if (!parsed.success) return { ...row, blobs: [], children: [], subject: null }
  const { config, layers, manifests, subject } = parsed.data
  const blobs = [...(config ? [config] : []), ...layers].map((part) => part.digest)
  return {
    ...row,
    blobs: [...new Set(blobs)],
    children: [...new Set(manifests.map((part) => part.digest))],
    subject: subject?.digest ?? null,
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return null
  }
}

async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values()
  const one = async () => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, one))
}
