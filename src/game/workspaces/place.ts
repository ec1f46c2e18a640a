import { changeWorkspace, firstWaiting, loads, workspaceRow, type WorkspaceRow } from '../../db/workspaces.ts'
import { lockPlacement } from '../../db/locks.ts'
import { wakeWorkspace } from '../clusters.ts'
import type { Game } from '../game.ts'
import type { Clusters } from '../types.ts'
import { forAll } from '../../lib/rounds.ts'

const waitSeconds = 30

/**
 * Gives a workspace its cluster: the one it had before while that has room, else the least loaded. Who asked first is
 * served first; without room it waits. The new version, or null where somebody else was faster.
 */
export async function place(
  game: Pick<Game, 'sql'>,
  clusters: Clusters,
  row: WorkspaceRow,
): Promise<number | null> {
  return await game.sql.begin(async (sql) => {
    await lockPlacement(sql)
    const taken = await loads(sql)
    const free = [...clusters.all.values()]
      .map((cluster) => ({ cluster, left: cluster.capacity - (taken.get(cluster.name) ?? 0) }))
      .filter(({ left }) => left > 0)
    const well = free.filter(({ cluster }) => (clusters.ailing.get(cluster.name) ?? 0) < Date.now())
    const choice = well.length > 0 ? well : free
    const places = free.reduce((sum, { left }) => sum + left, 0)
    const next = await firstWaiting(sql, places)
    const turn = next.length < places || next.some((one) => one.playerId === row.playerId)
    const sticky = choice.find(({ cluster }) => cluster.name === row.cluster)
    // Shares, not counts: a small cluster fills no sooner than a big one.
    const share = ({ cluster, left }: (typeof free)[number]) => left / cluster.capacity
    const [roomiest] = choice.toSorted((a, b) => share(b) - share(a))
    const chosen = sticky ?? roomiest
    if (!turn || !chosen) {
      const nextAt = new Date(Date.now() + waitSeconds * 1000)
      return await changeWorkspace(sql, row, {
        ...(row.state !== 'waiting' && { state: 'waiting' as const }),
        nextAt,
      })
    }
    return await changeWorkspace(sql, row, {
      state: 'creating',
      cluster: chosen.cluster.name,
      attempt: 1,
      done: [],
      probes: [],
      nextAt: new Date(),
    })
  })
}

/** Wakes those whose turn it is now that a place is free. */
export async function wakeWaiting(game: Pick<Game, 'sql'>, clusters: Clusters): Promise<void> {
  await forAll(await firstWaiting(game.sql, 5), async ({ playerId }) => {
    const row = await workspaceRow(game.sql, playerId)
    if (row) await wakeWorkspace(game.sql, clusters, row)
  })
}
