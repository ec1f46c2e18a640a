import { z } from 'zod'
import { isLive, namespaceName } from '../../core/workspace.ts'
import { workspaceRow } from '../../db/workspaces.ts'
import { withDeadline } from '../../lib/deadline.ts'
import { Inconclusive } from '../../lib/errors.ts'
import { clusterOf } from '../clusters.ts'
import type { Game } from '../game.ts'
import type { PlayerRef } from '../../core/player.ts'

/** An image of the player's that a container names. */
export interface PodImage {
  namespace: string
  pod: string
  /** Below the player's path. */
  repository: string
  /** As the container names it; `latest` where it names none. */
  tag: string
  /** What the container asks for; null where it names a tag only. */
  digest: string | null
  /** By what the node knows it: of manifests with one configuration the digest of any, also of another path's. */
  pulled: { digest: string; fromElsewhere: boolean } | null
}

/** People wait for the page; what runs is an extra. */
const patienceMs = 1500

const container = z.object({ name: z.string(), image: z.string().max(1000) })
const pulled = z.object({ name: z.string(), imageID: z.string().default('') })
const pod = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({ containers: z.array(container), initContainers: z.array(container).default([]) }),
  status: z
    .object({
      phase: z.string().optional(),
      containerStatuses: z.array(pulled).default([]),
      initContainerStatuses: z.array(pulled).default([]),
    })
    .default({ containerStatuses: [], initContainerStatuses: [] }),
})

/** What pods run of what lies under a prefix such as `registry.example.org/tara/`; null where no cluster says it in time. */
export async function podImages(
  game: Pick<Game, 'sql' | 'board'>,
  player: PlayerRef,
  prefix: string,
): Promise<PodImage[] | null> {
  const { cluster: clusters } = game.board
  const row = clusters && (await workspaceRow(game.sql, player.playerId))
  if (!clusters || !row || !isLive(row.state)) return null
  try {
    const found = await withDeadline(patienceMs, null, async (signal) => {
      const cluster = clusterOf(clusters, row)
      const lists = ['', ...row.environments].map(async (environment) => {
        const namespace = namespaceName(row.slug, environment)
        const reader = cluster.reader(namespace, row.slug)
        const { items } = await reader.list({ apiVersion: 'v1', kind: 'Pod' }, { items: 200 }, signal)
        return items.flatMap((item) => imagesIn(item, namespace, prefix))
      })
      return await Promise.all(lists)
    })
    return found.flat()
  } catch (error) {
    if (error instanceof Inconclusive) return null
    throw error
  }
}

function imagesIn(item: unknown, namespace: string, prefix: string): PodImage[] {
  const { success, data } = pod.safeParse(item)
  if (!success || data.status.phase === 'Succeeded' || data.status.phase === 'Failed') return []
  const { metadata, spec, status } = data
  const statuses = [...status.containerStatuses, ...status.initContainerStatuses]
  return [...spec.containers, ...spec.initContainers].flatMap(({ name, image }) => {
    if (!image.startsWith(prefix)) return []
    const [, repository, tag = 'latest', asked] =
      /^([^:@]+)(?::([^@]+))?(?:@(.+))?$/.exec(image.slice(prefix.length)) ?? []
    if (repository === undefined) return []
    const id = statuses.find((one) => one.name === name)?.imageID ?? ''
    const [, from, digest] = /^(.*)@(sha256:[0-9a-f]{64})$/.exec(id) ?? []
    const pulled = digest === undefined ? null : { digest, fromElsewhere: from !== `${prefix}${repository}` }
    return [{ namespace, pod: metadata.name, repository, tag, digest: asked ?? null, pulled }]
  })
}
