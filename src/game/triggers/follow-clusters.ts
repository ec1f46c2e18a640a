import { setTimeout as sleep } from 'node:timers/promises'
import { allWorkspaces, workspaceBySlug, type WorkspaceRow } from '../../db/workspaces.ts'
import { isLive } from '../../core/workspace.ts'
import { tryLock, type HeldLock } from '../../db/locks.ts'
import { createGate } from '../../lib/gate.ts'
import type { Clusters } from '../clusters.ts'
import type { Game } from '../game.ts'
import { glance } from './glance.ts'

/** A burst of events, as one release makes, is looked at once. */
const quietMs = 250
const busyMs = 1000
/** What could not be looked at is looked at again, each time after twice as long. */
const retryMs = 3_000
const leadMs = 5_000
/** Events get lost; everybody is looked at this often all the same. */
const reconcileMs = 300_000
/** Of news, and of all else, so that nobody waits for a round of everybody or for what failed before. */
const atOnce = 4
const leaderLock = 7_307

/**
 * Watches the clusters and looks at whatever moved. Of several masters one does; another takes over when its connection
 * to the database is gone.
 */
export interface Follower {
  start(): void
  close(): Promise<void>
}

export function createFollower(game: Game, clusters: Clusters): Follower {
  const closing = new AbortController()
  const waiting = new Map<string, { timer: NodeJS.Timeout; news: boolean }>()
  const working = new Set<Promise<void>>()
  /** How often in a row the cluster or the registry did not answer. */
  const unclearLooks = new Map<string, number>()
  const gate = createGate(atOnce)
  let lock: HeldLock | null = null
  let watches: { close(): void }[] = []
  let round: Promise<void> = Promise.resolve()

  const look = async (namespace: string, news: boolean) => {
    const row = await rowOf(game, namespace)
    if (!row || closing.signal.aborted) return
    const { busy, unclear } = await glance(game, row, 'cluster', closing.signal)
    if (unclear) {
      again(namespace)
      return
    }
    unclearLooks.delete(namespace)
    if (busy) later(namespace, { news, milliseconds: busyMs })
  }
  const again = (namespace: string) => {
    const tries = unclearLooks.get(namespace) ?? 0
    unclearLooks.set(namespace, tries + 1)
    later(namespace, { news: false, milliseconds: Math.min(retryMs * 2 ** tries, reconcileMs) })
  }
  const later = (namespace: string, { news, milliseconds }: { news: boolean; milliseconds: number }) => {
    const before = waiting.get(namespace)
    // What somebody waits for is looked at anyway, and soon.
    if (closing.signal.aborted || (before?.news && !news)) return
    clearTimeout(before?.timer)
    const timer = setTimeout(() => {
      waiting.delete(namespace)
      const work = gate
        .pass(news ? 'news' : 'rounds', () => look(namespace, news))
        .catch((error: unknown) => {
          game.log.warn({ err: error, namespace }, 'what moved could not be looked at; it is tried again')
          again(namespace)
        })
        .finally(() => working.delete(work))
      working.add(work)
    }, milliseconds)
    waiting.set(namespace, { timer, news })
  }
  const moved = (namespace: string) => {
    unclearLooks.delete(namespace)
    later(namespace, { news: true, milliseconds: quietMs })
  }
  const lead = async () => {
    watches = [...clusters.all.values()].map((cluster) => cluster.watch(moved))
    let reconciled = 0
    while (lock?.held() && !closing.signal.aborted) {
      if (Date.now() - reconciled > reconcileMs) {
        reconciled = Date.now()
        for (const row of await allWorkspaces(game.sql))
          if (isLive(row.state)) later(`hunt-${row.slug}`, { news: false, milliseconds: quietMs })
      }
      await sleep(leadMs, undefined, { signal: closing.signal }).catch(() => undefined)
    }
    for (const watch of watches) watch.close()
    watches = []
  }
  const run = async () => {
    while (!closing.signal.aborted) {
      try {
        lock = await tryLock(game.sql, leaderLock)
        if (lock) await lead()
      } catch (error) {
        game.log.warn({ err: error }, 'the watch over the clusters broke off; it starts again')
      } finally {
        lock?.release()
        lock = null
      }
      await sleep(leadMs, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }

  return {
    start: () => void (round = run()),
    async close() {
      closing.abort()
      for (const { timer } of waiting.values()) clearTimeout(timer)
      for (const watch of watches) watch.close()
      await round
      await Promise.allSettled(working)
    },
  }
}

/** The workspace that a namespace belongs to, environments included: a slug has no hyphen. */
async function rowOf(game: Game, namespace: string): Promise<WorkspaceRow | undefined> {
  const row = await workspaceBySlug(game.sql, namespace.split('-')[1] ?? '')
  return row && isLive(row.state) ? row : undefined
}
