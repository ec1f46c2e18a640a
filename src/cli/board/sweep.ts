import type { Sql } from '../../db/client.ts'
import type { Ours } from '../../game/workspaces/found-namespaces.ts'
import { listBoard } from '../../game/workspaces/board-list.ts'
import type { Receipt } from '../../game/workspaces/board-removal.ts'
import { sweepBoard } from '../../game/workspaces/board-sweep.ts'
import type { Terminal } from './terminal.ts'
import type { BoardCluster } from '../../game/clusters.ts'

interface Options {
  dryRun?: boolean
  /** Also what another server that runs the same hunt made. */
  foreign?: boolean
  /** Seconds that namespaces may take to be gone. */
  wait: number
}

/** `board sweep`: false where something is left that should not be, or a cluster could not be looked at. */
export async function sweep(
  { sql, ours, clusters }: { sql: Sql; ours: Ours; clusters: readonly BoardCluster[] },
  { say }: Pick<Terminal, 'say'>,
  { dryRun = false, foreign = false, wait }: Options,
): Promise<boolean> {
  if (!dryRun) return sayReceipt(await sweepBoard({ sql, ours, clusters, seconds: wait, foreign }), say)
  const list = await listBoard(sql, ours, clusters)
  const chosen = foreign ? [...list.leftovers, ...list.foreign] : list.leftovers
  for (const { cluster, name, terminating } of chosen)
    say(`${cluster}/${name}${terminating ? '  (is being deleted)' : ''}`)
  for (const { cluster, reason } of list.unseen) say(`${cluster} could not be looked at: ${reason}`)
  say(`${chosen.length} would be deleted`)
  if (!foreign) sayForeign(list.foreign.length, say)
  return list.unseen.length === 0
}

/** True where nothing is left, as far as all clusters could be seen. What is another server's is none of it. */
export function sayReceipt(
  { deleted, freed, left, unseen, foreign }: Receipt,
  say: Terminal['say'],
): boolean {
  for (const { cluster, what } of freed) say(`freed    ${cluster}/${what}`)
  for (const { cluster, namespace } of deleted) say(`deleted  ${cluster}/${namespace}`)
  for (const { cluster, namespace, blocking } of left)
    say(`left     ${cluster}/${namespace}: ${blocking.join('; ')}`)
  for (const { cluster, reason } of unseen) say(`unseen   ${cluster}: ${reason}`)
  const where = unseen.length > 0 ? `, ${unseen.length} of the clusters not seen` : ''
  say(`deleted ${deleted.length}, left ${left.length}${where}`)
  sayForeign(foreign.length, say)
  return left.length === 0 && unseen.length === 0
}

function sayForeign(count: number, say: Terminal['say']): void {
  if (count === 0) return
  say(
    `Left alone: ${count} of another server that runs this hunt; see "board list". Take them down there; if its database and secret are lost, "board sweep --foreign" deletes them.`,
  )
}
