import type { Registry } from '../../board/registry/types.ts'
import { aboutPlayer, note } from '../../db/audit.ts'
import { manifestsOf, storedImages, twinsOf, type ManifestRow } from '../../db/registry-images.ts'
import { registryUse } from '../../db/registry-use.ts'
import { Inconclusive, Refusal } from '../../lib/errors.ts'
import type { Game } from '../game.ts'
import { podImages, type PodImage } from './pod-images.ts'
import { readRegistry } from './read.ts'
import type { PlayerRef } from '../../core/player.ts'
import { isOver, storageBudget } from './storage.ts'
import { timeoutSignal } from '../../lib/deadline.ts'

/** `images` fill the budget, `loose` layers of deleted ones do, or images are too many to count. */
export type StorageFull = 'images' | 'loose' | 'crowded'

/** Where a player pushes to, and how much of the storage is used. */
export interface RegistryPlace {
  /** Host (and port) as clients name it. */
  host: string
  /** Clients reach it without TLS, which some of them have to be told. */
  plainHttp: boolean
  /** What names of repositories begin with: the slug. */
  path: string
  /** Of all images together, shared layers once. */
  usedBytes: number
  /** null where the board names no such budget. */
  budgetBytes: number | null
  /** Why pushes are withheld now; null while they are taken. */
  full: StorageFull | null
}

/** One manifest that a player pushed. */
export interface PlayerImage {
  /** Below the player's path. */
  repository: string
  digest: string
  /** Empty where they have moved on. */
  tags: string[]
  mediaType: string
  /** With all that it holds. */
  bytes: number
  pushedAt: Date
  /** Pods that run it; null where there is no cluster to look at, or it does not answer in time. */
  usedBy: { namespace: string; pod: string }[] | null
}

const readMs = 5_000

/** null where the board has no registry. */
export async function registryPlace(
  game: Pick<Game, 'sql' | 'hunt' | 'board' | 'budgets'>,
  player: PlayerRef,
): Promise<RegistryPlace | null> {
  const { registry } = game.board
  if (!registry) return null
  const use = await registryUse(game.sql, player.playerId)
  const budgetBytes = await storageBudget(game, player.playerId)
  const isFull = use !== null && budgetBytes !== null && isOver(use, budgetBytes)
  const why = use?.crowded ? 'crowded' : (use?.bytes ?? 0) >= (budgetBytes ?? 0) ? 'images' : 'loose'
  return {
    host: registry.host,
    plainHttp: registry.plainHttp,
    path: player.slug,
    usedBytes: use?.bytes ?? 0,
    budgetBytes,
    full: isFull ? why : null,
  }
}

/** The newest first. Throws a `Refusal` where the board has no registry. */
export async function playerImages(
  game: Pick<Game, 'sql' | 'board'>,
  player: PlayerRef,
): Promise<PlayerImage[]> {
  const registry = registryOf(game)
  const lines = await storedImages(game.sql, player.playerId)
  if (lines.length === 0) return []
  const [rows, pods] = await Promise.all([
    manifestsOf(game.sql, player.playerId),
    podImages(game, player, `${registry.host}/${player.slug}/`),
  ])
  const images = new Map<string, PlayerImage>()
  for (const { tag, ...line } of lines) {
    const key = `${line.repository}@${line.digest}`
    const image = images.get(key) ?? { ...line, tags: [], usedBy: null }
    if (tag !== null) image.tags.push(tag)
    images.set(key, image)
  }
  const running = pods && (await withDigests(game, player, pods, rows))
  for (const image of images.values()) {
    const parts = rows.find((row) => isManifest(row, image))?.children ?? []
    image.usedBy = running && usersOf(running, image, [image.digest, ...parts])
  }
  return [...images.values()]
}

type RunningPod = PodImage & { digests: readonly string[] }

/** What containers run of the player's manifests: what they ask for by digest, else all that the node takes for what it pulled. */
async function withDigests(
  game: Pick<Game, 'sql'>,
  player: PlayerRef,
  pods: readonly PodImage[],
  rows: readonly ManifestRow[],
): Promise<RunningPod[]> {
  const twins = await twinsOf(
    game.sql,
    player.playerId,
    pods.flatMap(({ pulled }) => pulled?.digest ?? []),
  )
  const own = new Set(rows.map(({ digest }) => digest))
  return pods.map((one) => {
    if (one.digest !== null) return { ...one, digests: [one.digest] }
    if (one.pulled === null) return { ...one, digests: [] }
    const { digest, fromElsewhere } = one.pulled
    const same = [digest, ...(twins.get(digest) ?? [])]
    return { ...one, digests: fromElsewhere ? same.filter((twin) => own.has(twin)) : same }
  })
}

/** Where nothing was pulled yet, or what nobody here holds, the tag tells. */
function usersOf(
  pods: readonly RunningPod[],
  { repository, tags }: PlayerImage,
  parts: readonly string[],
): NonNullable<PlayerImage['usedBy']> {
  const runs = ({ digests, tag }: RunningPod) =>
    digests.length > 0 ? digests.some((digest) => parts.includes(digest)) : tags.includes(tag)
  const users = pods.filter((one) => one.repository === repository && runs(one))
  const named = users.map(({ namespace, pod }) => ({ namespace, pod }))
  return named.filter(
    (one, index) =>
      named.findIndex(({ namespace, pod }) => namespace === one.namespace && pod === one.pod) === index,
  )
}

/** Deletes an image with its tags, and the parts that nothing else of the player's names. */
export async function deleteImage(
  game: Game,
  player: PlayerRef & { memberId: string },
  { repository, digest }: { repository: string; digest: string },
): Promise<void> {
  const registry = registryOf(game)
  const rows = await manifestsOf(game.sql, player.playerId)
  const image = rows.find((row) => isManifest(row, { repository, digest }))
  if (!image)
    throw new Refusal(404, 'no-image', 'You have no such image: name its repository and its digest.')
  try {
    for (const one of [digest, ...partsAlone(rows, image)])
      await registry.remove(player.slug, repository, one)
  } catch (error) {
    if (!(error instanceof Inconclusive)) throw error
    game.log.warn({ err: error, slug: player.slug }, 'an image could not be deleted')
    throw new Refusal(503, 'registry-away', 'The registry does not answer. It is on our side: try again.', {
      retryAfter: 5,
    })
  }
  await note(game.sql, {
    memberId: player.memberId,
    action: 'image-deleted',
    subject: aboutPlayer(player.playerId),
    detail: { digest },
  })
  await readAgain(game, registry, player, repository)
}

function partsAlone(rows: readonly ManifestRow[], image: ManifestRow): string[] {
  const others = rows.filter((row) => row.repository === image.repository && row.digest !== image.digest)
  return image.children.filter((child) =>
    others.every((row) => !row.children.includes(child) && (row.digest !== child || row.tags.length === 0)),
  )
}

/** The page that follows shows it; where this does not work, the registry's notification comes all the same. */
async function readAgain(game: Game, registry: Registry, player: PlayerRef, repository: string) {
  const hints = new Map([[repository, { manifests: new Set<string>(), blobs: new Set<string>() }]])
  await readRegistry(game, registry, player, hints, timeoutSignal(readMs)).catch((error: unknown) =>
    game.log.warn({ err: error, slug: player.slug }, 'a repository could not be read after a deletion'),
  )
}

function isManifest(row: ManifestRow, image: { repository: string; digest: string }): boolean {
  return row.repository === image.repository && row.digest === image.digest
}

function registryOf({ board }: Pick<Game, 'board'>): Registry {
  if (!board.registry) throw new Refusal(404, 'no-registry', 'This board has no registry.')
  return board.registry
}
