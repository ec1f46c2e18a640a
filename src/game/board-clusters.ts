import type { Cluster } from '../board/cluster/types.ts'
import { namespaceName } from '../core/workspace.ts'
import type { Sql } from '../db/client.ts'
import { allWorkspaces, type WorkspaceRow } from '../db/workspaces.ts'

/** A cluster of board.yaml; null with the reason where not even its settings can be used. */
export type BoardCluster =
  { name: string; cluster: Cluster; fault: null } | { name: string; cluster: null; fault: string }

/** A namespace with this hunt's label that no workspace knows. */
export interface Leftover {
  name: string
  slug: string
  terminating: boolean
}

export function namespacesOf(row: Pick<WorkspaceRow, 'slug' | 'environments'>): string[] {
  return ['', ...row.environments].map((environment) => namespaceName(row.slug, environment))
}

/** Throws where the cluster cannot be looked at. */
export async function leftoversOf(sql: Sql, hunt: string, cluster: Cluster): Promise<Leftover[]> {
  // Namespaces first: a row is written before its namespace is made, so what is new is known below.
  const there = await cluster.namespaces(hunt)
  const rows = await allWorkspaces(sql)
  const known = new Set(rows.filter((row) => claims(row, cluster.name)).flatMap(namespacesOf))
  return there.filter(({ name }) => !known.has(name))
}

/** One without a place yet may be given its old one at any moment. */
function claims({ state, cluster }: WorkspaceRow, name: string): boolean {
  return state !== 'gone' && (cluster === null || cluster === name)
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
