import type { Database } from '../../db/client.ts'
import { note } from '../../db/audit.ts'
import { tell } from '../../db/events.ts'
import { allWorkspaces, changeWorkspace, deleteWorkspaceRow, type WorkspaceRow } from '../../db/workspaces.ts'
import { clusterSubject } from './advance.ts'
import { namespacesOf, ownerOf, sortNamespaces, type Ours } from './found-namespaces.ts'
import { removeNamespaces, sumUp, unseenOf, type Picked, type Receipt } from './board-removal.ts'
import type { BoardCluster } from '../clusters.ts'

export interface TeardownOptions {
  sql: Database
  ours: Ours
  clusters: readonly BoardCluster[]
  /** How long namespaces may take to be gone. */
  seconds: number
}

/**
 * Deletes every namespace of the hunt on this server. The rows come first: a server that runs makes nothing again, and what a cluster that is
 * down still holds is deleted when it is back, by the server or by another run.
 */
export async function tearDownBoard({ sql, ours, clusters, seconds }: TeardownOptions): Promise<Receipt> {
  await endWorkspaces(sql)
  const one = async ({ name, cluster, fault }: BoardCluster): Promise<Receipt> => {
    if (!cluster) return unseenOf(name, fault)
    const pick = async (): Promise<Picked> => {
      // Somebody may have registered meanwhile.
      await endWorkspaces(sql)
      const { own, proofs, foreign } = await sortNamespaces(cluster, ours)
      return {
        remove: [...own, ...proofs].map((found) => ({ name: found.name, owner: ownerOf(found, ours) })),
        kept: foreign.map((found) => found.name),
      }
    }
    return await removeNamespaces(cluster, pick, seconds)
  }
  const receipt = sumUp(await Promise.all(clusters.map(one)))
  const left = [...receipt.left, ...(await closeRows(sql, clusters, receipt))]
  const whole = { ...receipt, left }
  await note(sql, {
    memberId: null,
    action: 'board-torn-down',
    subject: `hunt ${ours.hunt}`,
    detail: { deleted: whole.deleted.length, left: left.length, unseen: whole.unseen.length },
  })
  return whole
}

async function endWorkspaces(sql: Database): Promise<void> {
  for (const row of await allWorkspaces(sql)) if (!isEnding(row)) await end(sql, row)
}

function isEnding({ state, step, again, nextAt }: WorkspaceRow): boolean {
  if (state === 'gone') return true
  return !again && nextAt !== null && (state === 'deleting' || step === 'deleting')
}

async function end(sql: Database, row: WorkspaceRow): Promise<void> {
  const placed = row.cluster !== null && row.state !== 'requested' && row.state !== 'waiting'
  const common = { step: null, again: false, reason: null, attempt: 1 }
  const state = placed ? ('deleting' as const) : ('gone' as const)
  const version = await changeWorkspace(sql, row, { ...common, state, nextAt: placed ? new Date() : null })
  if (version !== null) await tell(sql, 'workspace', row.playerId, clusterSubject(state))
  else await endWorkspaces(sql)
}

/** Writes down what is gone; gives the namespaces that only the rows know, on clusters that nobody could look at. */
async function closeRows(
  sql: Database,
  clusters: readonly BoardCluster[],
  { left, unseen }: Receipt,
): Promise<Receipt['left']> {
  const hidden: Receipt['left'] = []
  const listed = new Set(left.map(({ cluster, namespace }) => `${cluster}/${namespace}`))
  for (const row of await allWorkspaces(sql)) {
    if (row.state === 'gone' || row.cluster === null || !isEnding(row)) continue
    const cluster = row.cluster
    const open = namespacesOf(row).filter((name) => !listed.has(`${cluster}/${name}`))
    const known = clusters.some(({ name }) => name === cluster)
    const reason = known
      ? unseen.find((one) => one.cluster === cluster)?.reason
      : `board.yaml has no cluster ${cluster}`
    if (reason !== undefined)
      hidden.push(...open.map((namespace) => ({ cluster, namespace, blocking: [reason] })))
    else if (open.length === row.environments.length + 1) await close(sql, row)
  }
  return hidden
}

async function close(sql: Database, row: WorkspaceRow): Promise<void> {
  const version = await changeWorkspace(sql, row, {
    state: 'gone',
    step: null,
    reason: null,
    attempt: 1,
    nextAt: null,
    done: [],
    probes: [],
    readyAt: null,
    expiresAt: null,
  })
  // Where the server was faster, it does the rest too.
  if (version === null) return
  if (row.playerName === null) await deleteWorkspaceRow(sql, row.playerId)
  await tell(sql, 'workspace', row.playerId, clusterSubject('gone'))
}
