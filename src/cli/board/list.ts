import { listBoard, type BoardList } from '../../game/workspaces/board-list.ts'
import { isProofId } from '../../core/owner.ts'
import type { Ours } from '../../game/workspaces/found-namespaces.ts'
import type { Sql } from '../../db/client.ts'
import type { Terminal } from './terminal.ts'
import type { BoardCluster } from '../../game/clusters.ts'

/** `board list`: all workspaces, what the clusters hold that no workspace knows, and what another server made. */
export async function listWorkspaces(
  { sql, ours, clusters }: { sql: Sql; ours: Ours; clusters: readonly BoardCluster[] },
  { say }: Pick<Terminal, 'say'>,
  format: string,
): Promise<void> {
  const list = await listBoard(sql, ours, clusters)
  if (format === 'json') {
    say(JSON.stringify(list, null, 2))
    return
  }
  const now = Date.now()
  for (const one of list.workspaces) say(lineOf(one, now))
  say(`${list.workspaces.length} workspaces`)
  for (const { cluster, name, hunt, terminating } of list.leftovers) {
    const whose = isProofId(hunt) ? 'a proof made it' : 'no workspace knows it'
    say(`leftover ${cluster}/${name}: ${whose}${going(terminating)}`)
  }
  for (const { cluster, name, server, terminating } of list.foreign)
    say(`foreign  ${cluster}/${name}: of another server (${server})${going(terminating)}`)
  for (const { cluster, reason } of list.unseen) say(`cluster ${cluster} could not be looked at: ${reason}`)
}

const going = (terminating: boolean) => (terminating ? ', it is being deleted' : '')

function lineOf(one: BoardList['workspaces'][number], now: number): string {
  const place = one.cluster === null ? '–' : `${one.cluster}/${one.namespaces.join(',')}`
  const end = one.expiresAt === null ? '–' : span(one.expiresAt.getTime() - now)
  const line = [
    one.slug.padEnd(21),
    one.state.padEnd(9),
    `age ${span(now - one.requestedAt.getTime())}`.padEnd(8),
    `ends in ${end}`.padEnd(12),
    place,
    one.player ?? '(has left)',
  ].join('  ')
  return one.lastError === null ? line : `${line}\n${' '.repeat(23)}${oneLine(one.lastError)}`
}

/** Such as 3d, 5h, 12m; what is over is 0m. */
function span(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000))
  if (minutes < 60) return `${minutes}m`
  return minutes < 2880 ? `${Math.floor(minutes / 60)}h` : `${Math.floor(minutes / 1440)}d`
}

/** Parts of it come from a cluster: nothing of it may move the cursor. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ')
}
