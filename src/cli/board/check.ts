import type { BoardFinding } from '../../board/cluster/types.ts'
import { reasonOf, type BoardCluster } from '../../game/board-clusters.ts'
import type { Terminal } from './terminal.ts'

/** `board check`: tells of each cluster what is well and what is not. False on any fault. */
export async function checkBoard(
  clusters: readonly BoardCluster[],
  { say }: Pick<Terminal, 'say'>,
  format: string,
): Promise<boolean> {
  const all = await Promise.all(
    clusters.map(async (one) => ({ name: one.name, findings: await findingsOf(one) })),
  )
  const ok = all.every(({ findings }) => findings.every(({ level }) => level !== 'fault'))
  if (format === 'json') {
    say(JSON.stringify({ ok, clusters: all }, null, 2))
    return ok
  }
  for (const { name, findings } of all) {
    say(`cluster ${name}`)
    for (const { level, part, message } of findings) say(`  ${level.padEnd(8)} ${part.padEnd(11)} ${message}`)
  }
  return ok
}

async function findingsOf({ cluster, fault }: BoardCluster): Promise<BoardFinding[]> {
  if (!cluster) return [{ part: 'settings', level: 'fault', message: fault }]
  try {
    return await cluster.check()
  } catch (error) {
    return [{ part: 'API server', level: 'fault', message: reasonOf(error) }]
  }
}
