import type { FoundNamespace } from '../../board/cluster/types.ts'
import type { Sql } from '../../db/client.ts'
import { allWorkspaces } from '../../db/workspaces.ts'
import type { WorkspaceState } from '../../core/workspace.ts'
import { leftoversOf, namespacesOf, type Ours } from './found-namespaces.ts'
import { reasonOf } from '../../lib/errors.ts'
import type { BoardCluster } from '../clusters.ts'

export interface BoardList {
  workspaces: {
    slug: string
    /** null once the player has left. */
    player: string | null
    state: WorkspaceState
    cluster: string | null
    namespaces: string[]
    requestedAt: Date
    expiresAt: Date | null
    lastError: string | null
  }[]
  /** Namespaces of this server that no workspace knows. */
  leftovers: (FoundNamespace & { cluster: string })[]
  /** Namespaces of another server that runs the same hunt. */
  foreign: (FoundNamespace & { cluster: string })[]
  unseen: { cluster: string; reason: string }[]
}

/** All workspaces by the database, and what the clusters hold beside them. */
export async function listBoard(sql: Sql, ours: Ours, clusters: readonly BoardCluster[]): Promise<BoardList> {
  const looks = await Promise.all(clusters.map((one) => lookAt(sql, ours, one)))
  const rows = await allWorkspaces(sql)
  return {
    workspaces: rows.map((row) => ({
      slug: row.slug,
      player: row.playerName,
      state: row.state,
      cluster: row.cluster,
      namespaces: namespacesOf(row),
      requestedAt: row.requestedAt,
      expiresAt: row.expiresAt,
      lastError: row.reason,
    })),
    leftovers: looks.flatMap(({ leftovers }) => leftovers),
    foreign: looks.flatMap(({ foreign }) => foreign),
    unseen: looks.flatMap(({ unseen }) => unseen),
  }
}

async function lookAt(
  sql: Sql,
  ours: Ours,
  { name, cluster, fault }: BoardCluster,
): Promise<Pick<BoardList, 'leftovers' | 'foreign' | 'unseen'>> {
  const nothing = { leftovers: [], foreign: [] }
  if (!cluster) return { ...nothing, unseen: [{ cluster: name, reason: fault }] }
  const here = (found: FoundNamespace[]) => found.map((one) => ({ cluster: name, ...one }))
  try {
    const { leftovers, foreign } = await leftoversOf(sql, ours, cluster)
    return { leftovers: here(leftovers), foreign: here(foreign), unseen: [] }
  } catch (error) {
    return { ...nothing, unseen: [{ cluster: name, reason: reasonOf(error) }] }
  }
}
