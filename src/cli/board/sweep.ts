import type { Sql } from '../../db/client.ts'
import type { BoardCluster } from '../../game/board-clusters.ts'
import { listBoard } from '../../game/board-list.ts'
import type { Receipt } from '../../game/board-removal.ts'
import { sweepBoard } from '../../game/board-sweep.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  dryRun?: boolean
  /** Seconds that namespaces may take to be gone. */
  wait: number
}

/** `board sweep`: false where something is left that should not be, or a cluster could not be looked at. */
export async function sweep(
  { sql, hunt, clusters }: { sql: Sql; hunt: string; clusters: readonly BoardCluster[] },
  { say }: Pick<Terminal, 'say'>,
  { dryRun = false, wait }: Options,
): Promise<boolean> {
  if (!dryRun) return sayReceipt(await sweepBoard({ sql, hunt, clusters, seconds: wait }), say)
  const { leftovers, unseen } = await listBoard(sql, hunt, clusters)
  for (const { cluster, name, terminating } of leftovers)
    say(`${cluster}/${name}${terminating ? '  (is being deleted)' : ''}`)
  for (const { cluster, reason } of unseen) say(`${cluster} could not be looked at: ${reason}`)
  say(`${leftovers.length} would be deleted`)
  return unseen.length === 0
}

/** True where nothing is left, as far as all clusters could be seen. */
export function sayReceipt({ deleted, left, unseen }: Receipt, say: Terminal['say']): boolean {
  for (const { cluster, namespace } of deleted) say(`deleted  ${cluster}/${namespace}`)
  for (const { cluster, namespace, blocking } of left)
    say(`left     ${cluster}/${namespace}: ${blocking.join('; ')}`)
  for (const { cluster, reason } of unseen) say(`unseen   ${cluster}: ${reason}`)
  const where = unseen.length > 0 ? `, ${unseen.length} of the clusters not seen` : ''
  say(`deleted ${deleted.length}, left ${left.length}${where}`)
  return left.length === 0 && unseen.length === 0
}
