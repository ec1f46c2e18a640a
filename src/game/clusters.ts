import type { Cluster, NamespaceSpec, PlayerCluster } from '../board/cluster/types.ts'
import type { Owner } from '../core/owner.ts'
import { isLive, namespaceName } from '../core/workspace.ts'
import { workspaceRow, type WorkspaceRow } from '../db/workspaces.ts'
import { Inconclusive } from '../lib/errors.ts'
import type { Game } from './game.ts'
import type { Clusters } from './types.ts'

/** A cluster of board.yaml; null with the reason where not even its settings can be used. */
export type BoardCluster =
  { name: string; cluster: Cluster; fault: null } | { name: string; cluster: null; fault: string }

/** Whose the namespaces of this server's players are. */
export function ownerIn({ hunt, server }: Pick<Game, 'server' | 'hunt'>): Owner {
  return { hunt: hunt.id, server }
}

/** The namespaces that a workspace consists of, the main one first. */
export function specsOf(
  game: Pick<Game, 'server' | 'hunt'>,
  { file }: Clusters,
  row: WorkspaceRow,
): NamespaceSpec[] {
  const budget = file.budgets[row.budget]
  if (!budget) throw new Inconclusive(`board.yaml has no budget ${row.budget}`)
  return ['', ...row.environments].map((environment) => ({
    name: namespaceName(row.slug, environment),
    slug: row.slug,
    ...ownerIn(game),
    environment,
    budget,
  }))
}

export function clusterOf({ all }: Clusters, row: WorkspaceRow): Cluster {
  const cluster = row.cluster === null ? undefined : all.get(row.cluster)
  if (!cluster) throw new Inconclusive(`board.yaml has no cluster ${row.cluster ?? 'for this workspace'}`)
  return cluster
}

/** What checks see of one player's workspace; undefined where the board has no cluster. */
export function playerCluster(
  game: Pick<Game, 'sql' | 'board'>,
  playerId: string,
): PlayerCluster | undefined {
  const { cluster: clusters } = game.board
  if (!clusters) return undefined
  return {
    async namespace(environment = '') {
      const row = await workspaceRow(game.sql, playerId)
      if (!row || !isLive(row.state)) throw new Inconclusive('the namespace is not ready')
      if (environment !== '' && !row.environments.includes(environment))
        throw new Inconclusive(`the workspace has no environment ${environment}`)
      return clusterOf(clusters, row).reader(namespaceName(row.slug, environment), row.slug)
    },
  }
}
