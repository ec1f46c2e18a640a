import type { Cluster, NamespaceSpec, PlayerCluster } from '../board/cluster/types.ts'
import { isWhole } from '../core/budget.ts'
import type { Owner } from '../core/owner.ts'
import { isLive, namespaceName } from '../core/workspace.ts'
import type { Sql } from '../db/client.ts'
import { changeWorkspace, workspaceRow, type WorkspaceRow } from '../db/workspaces.ts'
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
  if (!budget || !isWhole(budget)) throw new Inconclusive(`board.yaml has no budget ${row.budget}`)
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

/** Has a workspace looked after now. */
export async function wakeWorkspace(
  sql: Sql,
  clusters: Clusters,
  row: Pick<WorkspaceRow, 'playerId' | 'version'>,
): Promise<void> {
  const version = await changeWorkspace(sql, row, { nextAt: new Date() })
  if (version !== null) await clusters.jobs.push({ id: row.playerId, attempt: version, lane: row.playerId })
}

/**
 * What checks see of one player's workspace; undefined where the board has no cluster. What was on a cluster that is gone cannot be
 * looked at any more, neither before the namespace is made anew nor for whoever handed something in before that, at `since`.
 */
export function playerCluster(
  game: Pick<Game, 'server' | 'hunt' | 'sql' | 'board'>,
  playerId: string,
  since = new Date(),
): PlayerCluster | undefined {
  const { cluster: clusters } = game.board
  if (!clusters) return undefined
  return {
    async namespace(environment = '') {
      const row = await workspaceRow(game.sql, playerId)
      if (!row || !isLive(row.state)) throw new Inconclusive('the namespace is not ready')
      if (environment !== '' && !row.environments.includes(environment))
        throw new Inconclusive(`the workspace has no environment ${environment}`)
      if (row.notice?.what === 'lost' && (row.readyAt?.getTime() ?? 0) > since.getTime())
        throw new Inconclusive('the namespace was lost with its cluster since')
      const cluster = clusterOf(clusters, row)
      const name = namespaceName(row.slug, environment)
      if (!(await cluster.holds(name, ownerIn(game)))) {
        await wakeWorkspace(game.sql, clusters, row)
        throw new Inconclusive(`namespace ${name} is not on its cluster any more: it is made anew`)
      }
      return cluster.reader(name, row.slug)
    },
  }
}
