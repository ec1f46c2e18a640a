import type { BoardFinding } from '../../board/cluster/types.ts'
import type { Terminal } from './terminal.ts'
import { reasonOf } from '../../lib/errors.ts'
import type { BoardCluster } from '../../game/clusters.ts'

interface Checked {
  name: string
  findings: BoardFinding[]
}

/** `board check`: tells of each cluster and of the registry what is well and what is not. False on any fault. */
export async function checkBoard(
  { clusters, registry }: { clusters: readonly BoardCluster[]; registry: Promise<Checked | null> },
  { say }: Pick<Terminal, 'say'>,
  format: string,
): Promise<boolean> {
  const [all, store] = await Promise.all([
    Promise.all(clusters.map(async (one) => ({ name: one.name, findings: await findingsOf(one) }))),
    registry,
  ])
  const ok = [...all, ...(store ? [store] : [])].every(({ findings }) =>
    findings.every(({ level }) => level !== 'fault'),
  )
  if (format === 'json') {
    say(JSON.stringify({ ok, clusters: all, registry: store }, null, 2))
    return ok
  }
  for (const one of all) sayFindings('cluster', one, say)
  if (store) sayFindings('registry', store, say)
  return ok
}

function sayFindings(what: string, { name, findings }: Checked, say: Terminal['say']): void {
  say(`${what} ${name}`)
  for (const { level, part, message } of findings) say(`  ${level.padEnd(8)} ${part.padEnd(11)} ${message}`)
}

async function findingsOf({ cluster, fault }: BoardCluster): Promise<BoardFinding[]> {
  if (!cluster) return [{ part: 'settings', level: 'fault', message: fault }]
  try {
    return await cluster.check()
  } catch (error) {
    return [{ part: 'API server', level: 'fault', message: reasonOf(error) }]
  }
}
