import type { NamespaceReader } from '../../board/cluster/types.ts'
import type { Registry } from '../../board/registry/types.ts'
import type { PlayerRef } from '../../core/player.ts'
import { namespaceName } from '../../core/workspace.ts'
import type { Database } from '../../db/client.ts'
import { playerBySlug } from '../../db/players.ts'
import { manifestsOf, twinsOf, type ManifestRow } from '../../db/registry-images.ts'
import { allRegistryUse } from '../../db/registry-use.ts'
import { workspaceBySlug } from '../../db/workspaces.ts'
import { Fault } from '../../lib/errors.ts'
import { readRegistry } from './read.ts'
import type { BoardCluster } from '../clusters.ts'

/** A manifest that nothing refers to. */
export interface Garbage {
  slug: string
  repository: string
  digest: string
  /** `untagged`: no tag, no other manifest and nothing in the cluster names it. `nobody`: no player has this path. */
  why: 'untagged' | 'nobody'
}

interface Collecting {
  sql: Database
  registry: Registry
  clusters: readonly BoardCluster[]
  signal: AbortSignal
  /** Also where no path is that of a player of this database. */
  foreign?: boolean
}

/** The manifests of an index come before it, and an image before what names it. */
const youngestMs = 3_600_000
const kinds = [
  { apiVersion: 'v1', kind: 'Pod' },
  ...['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'].map((kind) => ({
    apiVersion: 'apps/v1',
    kind,
  })),
  ...['Job', 'CronJob'].map((kind) => ({ apiVersion: 'batch/v1', kind })),
]

/** What `collect` deletes. Reads the registry first. Throws `Fault` where it cannot be seen what the clusters run. */
export async function findGarbage(one: Collecting): Promise<Garbage[]> {
  const { sql, registry, signal } = one
  const slugs = new Set((await registry.repositories(signal)).map((name) => name.split('/')[0] ?? ''))
  for (const { slug } of await allRegistryUse(sql)) slugs.add(slug)
  slugs.delete('hunt')
  const found: Garbage[] = []
  let ours = 0
  for (const slug of [...slugs].sort()) {
    const player = await playerBySlug(sql, slug)
    if (player?.state === 'active') {
      ours += 1
      found.push(...(await untagged(one, { playerId: player.id, slug })))
    } else found.push(...(await imagesOfNobody(registry, slug, signal)))
  }
  // Another hunt's database, or an empty one, would take everything for rubbish.
  if (ours === 0 && found.length > 0 && one.foreign !== true)
    throw new Fault(
      `No path in the registry is that of a player here: are DATA_DIR and DATABASE_URL those of this hunt? If they are, --foreign deletes all ${found.length} images.`,
    )
  return found
}

async function untagged(one: Collecting, player: PlayerRef): Promise<Garbage[]> {
  const { sql, registry, signal } = one
  await readRegistry({ sql }, registry, player, null, signal)
  const rows = await manifestsOf(sql, player.playerId)
  const young = rows.filter(({ pushedAt }) => Date.now() - pushedAt.getTime() < youngestMs)
  const candidates = unreferred(rows, new Set(young.map(({ digest }) => digest)))
  if (candidates.length === 0) return []
  const named = [...(await digestsRun(one, player.slug))]
  // Manifests of one configuration are one image to a node, which tells the digest of any of them.
  const twins = await twinsOf(sql, player.playerId, named)
  const run = [...named, ...[...twins.values()].flat()]
  return unreferred(rows, new Set([...run, ...young.map(({ digest }) => digest)])).map((row) => ({
    slug: player.slug,
    repository: row.repository,
    digest: row.digest,
    why: 'untagged',
  }))
}

/** Those without a tag that neither `kept` names nor a manifest that stays; what is about a manifest that stays, stays too. */
export function unreferred<Row extends Pick<ManifestRow, 'digest' | 'tags' | 'children' | 'subject'>>(
  rows: readonly Row[],
  kept: ReadonlySet<string>,
): Row[] {
  const stays = new Set(kept)
  for (const { digest, tags } of rows) if (tags.length > 0) stays.add(digest)
  for (let before = -1; before < stays.size;) {
    before = stays.size
    for (const { digest, children, subject } of rows) {
      if (subject !== null && stays.has(subject)) stays.add(digest)
      if (stays.has(digest)) for (const child of children) stays.add(child)
    }
  }
  return rows.filter(({ digest }) => !stays.has(digest))
}

/** Every digest that stands anywhere in what a player has in the cluster: an image may come back by a rollback. */
async function digestsRun({ sql, clusters, signal }: Collecting, slug: string): Promise<Set<string>> {
  const row = await workspaceBySlug(sql, slug)
  if (row?.cluster == null || row.state === 'gone') return new Set()
  const { cluster, fault } = clusters.find(({ name }) => name === row.cluster) ?? {}
  if (!cluster)
    throw new Fault(`The cluster ${row.cluster} cannot be looked at: ${fault ?? 'board.yaml has none'}.`)
  const digests = new Set<string>()
  for (const environment of ['', ...row.environments]) {
    const reader = cluster.reader(namespaceName(slug, environment), slug)
    for (const digest of await digestsIn(reader, signal)) digests.add(digest)
  }
  return digests
}

async function digestsIn(reader: NamespaceReader, signal: AbortSignal): Promise<string[]> {
  const found: string[] = []
  for (const kind of kinds) {
    const { items, truncated } = await reader.list(kind, { items: 2000 }, signal)
    if (truncated) throw new Fault(`${reader.namespace} holds more than can be looked at.`)
    found.push(...(JSON.stringify(items).match(/sha256:[0-9a-f]{64}/g) ?? []))
  }
  return found
}

/** All that has a tag in a path that is no player's (any more). */
export async function imagesOfNobody(
  registry: Registry,
  slug: string,
  signal: AbortSignal,
): Promise<Garbage[]> {
  const images = registry.images(slug)
  const found = new Map<string, Garbage>()
  for (const repository of await images.repositories(signal)) {
    for (const tag of (await images.tags(repository, signal)).tags) {
      const manifest = await images.manifest(repository, tag, signal)
      if (manifest)
        found.set(`${repository}@${manifest.digest}`, {
          slug,
          repository,
          digest: manifest.digest,
          why: 'nobody',
        })
    }
  }
  return [...found.values()]
}
