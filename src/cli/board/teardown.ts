import type { Database } from '../../db/client.ts'
import type { Ours } from '../../game/workspaces/found-namespaces.ts'
import { tearDownBoard } from '../../game/workspaces/board-teardown.ts'
import { Fault } from '../../lib/errors.ts'
import { sayReceipt } from './sweep.ts'
import type { Terminal } from './terminal.ts'
import type { BoardCluster } from '../../game/clusters.ts'

interface Options {
  yes?: boolean
  /** Seconds that namespaces may take to be gone. */
  wait: number
}

/** `board teardown`: false where the receipt names something that is left, or a cluster that could not be looked at. */
export async function teardown(
  { sql, ours, clusters }: { sql: Database; ours: Ours; clusters: readonly BoardCluster[] },
  { say, ask }: Terminal,
  { yes = false, wait }: Options,
): Promise<boolean> {
  if (!yes) await consent(ours.hunt, ask)
  return sayReceipt(await tearDownBoard({ sql, ours, clusters, seconds: wait }), say)
}

async function consent(hunt: string, ask: Terminal['ask']): Promise<void> {
  const warning = `This deletes the namespaces of every player of the hunt ${hunt}, with all in them.`
  if (!ask) throw new Fault(`${warning} If you mean it, add --yes.`)
  if ((await ask(`${warning}\nType the hunt’s id to go on: `)) !== hunt)
    throw new Fault('That is not the hunt’s id. Nothing was deleted.')
}
