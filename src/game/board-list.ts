import type { Sql } from '../db/client.ts'
import { allWorkspaces } from '../db/workspaces.ts'
import type { WorkspaceState } from '../core/workspace.ts'
import { leftoversOf, namespacesOf, reasonOf, type BoardCluster, type Leftover } from './board-clusters.ts'

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
  leftovers: (Leftover & { cluster: string })[]
  unseen: { cluster: string; reason: string }[]
}

/** All workspaces by the database, and what the clusters hold beside them. */
export async function listBoard(
  sql: Sql,
  hunt: string,
  clusters: readonly BoardCluster[],
): Promise<BoardList> {
  const looks = await Promise.all(clusters.map((one) => lookAt(sql, hunt, one)))
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
    unseen: looks.flatMap(({ unseen }) => unseen),
  }
}

async function lookAt(
  sql: Sql,
  hunt: string,
  { name, cluster, fault }: BoardCluster,
): Promise<Pick<BoardList, 'leftovers' | 'unseen'>> {
  if (!cluster) return { leftovers: [], unseen: [{ cluster: name, reason: fault }] }
  try {
    const found = await leftoversOf(sql, hunt, cluster)
    return { leftovers: found.map((one) => ({ cluster: name, ...one })), unseen: [] }
  } catch (error) {
    return { leftovers: [], unseen: [{ cluster: name, reason: reasonOf(error) }] }
  }
}
