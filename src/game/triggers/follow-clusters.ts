import { isLive, namespaceName, slugOfNamespace } from '../../core/workspace.ts'
import { allWorkspaces, workspaceBySlug } from '../../db/workspaces.ts'
import type { Game } from '../game.ts'
import type { Clusters } from '../types.ts'
import { createFollower, type Follower } from './follow.ts'
import { glance } from './glance.ts'

/** Watches the clusters and looks at whatever moved, by namespaces. */
export function createClusterFollower(game: Game, clusters: Clusters): Follower<true> {
  return createFollower<true>(game, {
    name: 'the clusters',
    lock: 'clusterWatch',
    merge: () => true,
    async everybody() {
      const live = (await allWorkspaces(game.sql)).filter(({ state }) => isLive(state))
      return live.map(({ slug }) => [namespaceName(slug), true] as const)
    },
    async look(namespace, work, signal) {
      const row = await workspaceBySlug(game.sql, slugOfNamespace(namespace))
      if (!row || !isLive(row.state)) return {}
      const { busy, unclear } = await glance(game, row, 'cluster', signal)
      return unclear ? { later: work } : busy ? { soon: work } : {}
    },
    watch(moved) {
      const watches = [...clusters.all.values()].map((cluster) =>
        cluster.watch((namespace) => moved(namespace, true)),
      )
      return { close: () => watches.forEach((watch) => watch.close()) }
    },
  })
}
