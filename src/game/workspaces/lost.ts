import { isLive } from '../../core/workspace.ts'
import { allWorkspaces } from '../../db/workspaces.ts'
import { forAll } from '../../lib/rounds.ts'
import { wakeWorkspace } from '../clusters.ts'
import type { Game } from '../game.ts'
import type { Clusters } from '../types.ts'
import { namespacesOf } from './found-namespaces.ts'

/** Looks after each workspace at once whose namespaces its cluster does not hold any more, as where it was set up anew meanwhile. */
export async function wakeLost(
  game: Pick<Game, 'sql' | 'server' | 'log'>,
  clusters: Clusters,
): Promise<void> {
  const rows = (await allWorkspaces(game.sql)).filter(({ state }) => isLive(state))
  await forAll([...clusters.all.values()], async (cluster) => {
    const own = rows.filter((row) => row.cluster === cluster.name)
    if (own.length === 0) return
    const there = new Set((await cluster.namespaces({ server: game.server })).map(({ name }) => name))
    const lost = own.filter((row) => namespacesOf(row).some((name) => !there.has(name)))
    if (lost.length > 0)
      game.log.warn(
        { cluster: cluster.name, workspaces: lost.length },
        'the cluster lost workspaces; they are made anew',
      )
    await forAll(lost, (row) => wakeWorkspace(game.sql, clusters, row))
  })
}
