import type { Cluster, NamespaceSpec } from '../../board/cluster/types.ts'
import { namespaceName, retrySeconds } from '../../core/workspace.ts'
import { aboutPlayer, note } from '../../db/audit.ts'
import { tell } from '../../db/events.ts'
import { forgetGlances } from '../../db/glances.ts'
import {
  changeWorkspace,
  deleteWorkspaceRow,
  workspaceRow,
  type WorkspaceChange,
  type WorkspaceNotice,
  type WorkspaceRow,
} from '../../db/workspaces.ts'
import type { Job } from '../../dispatch/types.ts'
import { clusterOf, ownerIn, specsOf } from '../clusters.ts'
import type { Game } from '../game.ts'
import { place, wakeWaiting } from './place.ts'
import type { Clusters } from '../types.ts'
import { timeoutSignal } from '../../lib/deadline.ts'

/** How long before its end a workspace is said to expire, as a part of its life. */
const noticeShare = 1 / 7
/** Every so often what is there is compared with what should be there. */
const driftMs = 600_000
const deletionMs = 1000
/** How long others are preferred to a cluster that did not answer. */
const ailingMs = 60_000
const longestReason = 2000

/**
 * Does the next step of one workspace and writes what came of it. Every step looks at what is there and makes the rest, so a
 * process that dies anywhere leaves a row that the next one goes on with; two that do the same step write one outcome.
 */
export async function advance(
  game: Pick<Game, 'server' | 'sql' | 'hunt' | 'log'>,
  clusters: Clusters,
  job: Job,
): Promise<void> {
  const row = await workspaceRow(game.sql, job.id)
  if (row?.version !== job.attempt) return
  if (row.nextAt === null || row.nextAt.getTime() > Date.now() + 1000) return
  const state = row.state === 'failed' ? row.step : row.state
  if (state === 'requested' || state === 'waiting') {
    await tellAndEnqueue(game, clusters, row, await place(game, clusters, row))
    return
  }
  let change: WorkspaceChange
  try {
    change = await step(game, clusters, row, state)
  } catch (error) {
    change = elsewhere(clusters, row, state) ?? failure(row, state, error)
    game.log.warn({ err: error, slug: row.slug, state }, 'a workspace could not be advanced')
  }
  const version = await changeWorkspace(game.sql, row, change)
  if (version !== null && change.notice) await tellNotice(game, row, change.notice)
  await tellAndEnqueue(game, clusters, row, version)
  if (change.state === 'gone') await afterEnd(game, clusters, row)
}

async function step(
  game: Pick<Game, 'server' | 'hunt'>,
  clusters: Clusters,
  row: WorkspaceRow,
  state: WorkspaceRow['state'] | null,
): Promise<WorkspaceChange> {
  const cluster = clusterOf(clusters, row)
  if (state === 'creating') return await create(game, clusters, row, cluster)
  if (state === 'probing') return await probe(game, clusters, row, cluster)
  if (state === 'deleting') return await remove(game, row, cluster)
  if (state === 'ready' || state === 'expiring') return await keep(game, clusters, row, cluster)
  return { nextAt: null }
}

/** One namespace at a time, so that the page shows which are done. */
async function create(
  game: Pick<Game, 'server' | 'hunt'>,
  clusters: Clusters,
  row: WorkspaceRow,
  cluster: Cluster,
) {
  const specs = specsOf(game, clusters, row)
  const next = specs.find((spec) => !row.done.includes(spec.name))
  if (next) await cluster.ensure(next)
  const done = next ? [...row.done, next.name] : row.done
  const state = done.length >= specs.length ? ('probing' as const) : ('creating' as const)
  return { ...healthy, state, done, nextAt: new Date() }
}

/** A namespace is handed over only when the player cannot reach beyond it. */
async function probe(
  game: Pick<Game, 'server' | 'hunt'>,
  clusters: Clusters,
  row: WorkspaceRow,
  cluster: Cluster,
): Promise<WorkspaceChange> {
  const probes = []
  for (const spec of specsOf(game, clusters, row)) {
    const results = await cluster.probe(spec, timeoutSignal(180_000))
    probes.push(...results.map((one) => ({ ...one, id: `${spec.name}/${one.id}` })))
  }
  const surprises = probes.filter((one) => !one.ok)
  if (surprises.length > 0) {
    const reason = surprises.map((one) => `${one.id} should have been ${one.expected}: ${one.saw}`).join('; ')
    // Not tried again by itself: a hole does not close by looking again, and an organizer must see it.
    return { state: 'failed', step: 'probing', reason: reason.slice(0, longestReason), probes, nextAt: null }
  }
  const expiresAt = new Date(Date.now() + lifeMs(clusters))
  return {
    ...healthy,
    state: 'ready',
    probes,
    readyAt: new Date(),
    expiresAt,
    nextAt: nextLook(clusters, expiresAt),
  }
}

/** Repairs drift, and ends what nobody renewed. */
async function keep(
  game: Pick<Game, 'server' | 'hunt'>,
  clusters: Clusters,
  row: WorkspaceRow,
  cluster: Cluster,
): Promise<WorkspaceChange> {
  const expiresAt = row.expiresAt ?? new Date()
  if (expiresAt.getTime() <= Date.now())
    return { state: 'deleting', again: false, reason: null, attempt: 1, nextAt: new Date() }
  const specs = specsOf(game, clusters, row)
  const lost = await lostOf(cluster, specs)
  if (lost.length > 0) return anew(specs, lost)
  for (const spec of specs) await cluster.ensure(spec)
  const expiring = expiresAt.getTime() - Date.now() <= lifeMs(clusters) * noticeShare
  return {
    ...(expiring && row.state === 'ready' && { state: 'expiring' as const }),
    reason: null,
    attempt: 1,
    nextAt: nextLook(clusters, expiresAt),
  }
}

/** Players cannot delete a namespace: one that is no longer there went with its cluster, or an administrator took it. */
async function lostOf(cluster: Cluster, specs: readonly NamespaceSpec[]): Promise<string[]> {
  const lost: string[] = []
  for (const spec of specs) if (!(await cluster.holds(spec.name, spec))) lost.push(spec.name)
  return lost
}

/** Made and probed as the first time. */
function anew(specs: readonly NamespaceSpec[], lost: string[]): WorkspaceChange {
  return {
    ...healthy,
    state: 'creating',
    done: specs.map(({ name }) => name).filter((name) => !lost.includes(name)),
    probes: [],
    readyAt: null,
    notice: { what: 'lost', at: new Date().toISOString(), items: lost },
    nextAt: new Date(),
  }
}

/** What was seen on a cluster that is gone is compared with nothing: what is missing now is not the player's doing. */
async function tellNotice(
  game: Pick<Game, 'sql' | 'hunt' | 'log'>,
  row: WorkspaceRow,
  { what, items }: WorkspaceNotice,
): Promise<void> {
  game.log.warn({ slug: row.slug, items }, `a workspace was ${what}`)
  await note(game.sql, {
    memberId: null,
    action: `workspace-${what}`,
    subject: aboutPlayer(row.playerId),
    detail: { items },
  })
  if (what !== 'lost') return
  const onCluster = game.hunt.challenges.filter(({ needs }) => needs.includes('cluster'))
  await forgetGlances(
    game.sql,
    row.playerId,
    onCluster.map(({ id }) => id),
  )
}

async function remove(
  game: Pick<Game, 'server' | 'hunt'>,
  row: WorkspaceRow,
  cluster: Cluster,
): Promise<WorkspaceChange> {
  const blocking: string[] = []
  const items: string[] = []
  const before = row.state === 'deleting' && row.notice?.what === 'freed' ? row.notice.items : []
  for (const environment of ['', ...row.environments]) {
    const removal = await cluster.remove(namespaceName(row.slug, environment), ownerIn(game))
    const { gone, blocking: by, freed } = removal
    items.push(...freed)
    if (!gone)
      blocking.push(...(by.length > 0 ? by : [`${namespaceName(row.slug, environment)} is being deleted`]))
  }
  if (blocking.length > 0) {
    const reason = blocking.join('; ').slice(0, longestReason)
    return {
      ...(row.state === 'failed' && { state: 'deleting' as const, step: null }),
      reason,
      ...(items.length > 0 && {
        notice: { what: 'freed' as const, at: new Date().toISOString(), items: [...before, ...items] },
      }),
      nextAt: new Date(Date.now() + deletionMs),
    }
  }
  const after = row.again
    ? { state: 'requested' as const, again: false, requestedAt: new Date(), nextAt: new Date() }
    : { state: 'gone' as const, nextAt: null }
  return { ...healthy, ...after, done: [], probes: [], readyAt: null, expiresAt: null }
}

const healthy = { step: null, reason: null, attempt: 1 }

/** One cluster that is down does not hold up those of whom it has nothing yet, where there are others. */
function elsewhere(
  clusters: Clusters,
  row: WorkspaceRow,
  state: WorkspaceRow['state'] | null,
): WorkspaceChange | null {
  if (state !== 'creating' || row.done.length > 0 || row.cluster === null || clusters.all.size < 2)
    return null
  clusters.ailing.set(row.cluster, Date.now() + ailingMs)
  const others = [...clusters.all.keys()].some((name) => (clusters.ailing.get(name) ?? 0) < Date.now())
  return others ? { ...healthy, state: 'requested', cluster: null, nextAt: new Date() } : null
}

/** A step that did not work is tried again, later each time. What runs already stays as it is. */
function failure(row: WorkspaceRow, state: WorkspaceRow['state'] | null, error: unknown): WorkspaceChange {
  const reason = (error instanceof Error ? error.message : String(error)).slice(0, longestReason)
  const nextAt = new Date(Date.now() + retrySeconds(row.attempt) * 1000)
  const attempt = row.attempt + 1
  if (state !== 'creating' && state !== 'probing' && state !== 'deleting') return { reason, attempt, nextAt }
  return { state: 'failed', step: state, reason, attempt, nextAt }
}

export function lifeMs({ file }: Clusters): number {
  return file.days * 86_400_000
}

/** The next moment at which something is due: the notice, the end, or the comparison with what should be there. */
export function nextLook(clusters: Clusters, expiresAt: Date): Date {
  const end = expiresAt.getTime()
  const notice = end - lifeMs(clusters) * noticeShare
  const due = [Date.now() + driftMs, ...(notice > Date.now() ? [notice] : []), end]
  return new Date(Math.min(...due))
}

/** Tells an event of the workspace on a cluster from one of a repository, whose name has no colon. */
export function clusterSubject(state: WorkspaceRow['state']): string {
  return `cluster:${state}`
}

/** Tells the pages, and puts the next step into the queue. */
async function tellAndEnqueue(
  game: Pick<Game, 'sql'>,
  clusters: Clusters,
  row: WorkspaceRow,
  version: number | null,
): Promise<void> {
  if (version === null) return
  const now = await workspaceRow(game.sql, row.playerId)
  if (!now) return
  const differs =
    now.state !== row.state ||
    now.done.length !== row.done.length ||
    now.reason !== row.reason ||
    now.attempt !== row.attempt
  if (differs) await tell(game.sql, 'workspace', row.playerId, clusterSubject(now.state))
  await enqueue(clusters, now)
}

/** Far ones are left to the sweep. */
export async function enqueue(clusters: Clusters, row: WorkspaceRow): Promise<void> {
  if (row.nextAt === null) return
  const delayMs = Math.max(0, row.nextAt.getTime() - Date.now())
  if (delayMs > 60_000) return
  await clusters.jobs.push({ id: row.playerId, attempt: row.version, lane: row.playerId }, { delayMs })
}

async function afterEnd(game: Pick<Game, 'sql'>, clusters: Clusters, row: WorkspaceRow): Promise<void> {
  if (row.playerName === null) {
    await deleteWorkspaceRow(game.sql, row.playerId)
    // For the organizers, who saw it until now.
    await tell(game.sql, 'workspace', row.playerId, clusterSubject('gone'))
  }
  await wakeWaiting(game, clusters)
}
