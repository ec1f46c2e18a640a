import { pruneEvents } from '../../db/events.ts'
import { pruneKeys } from '../../db/idempotency.ts'
import { isWorkerGone, lockWorker, type HeldLock } from '../../db/locks.ts'
import { pruneSessions } from '../../db/sessions.ts'
import { release, running, unjudged } from '../../db/submissions.ts'
import { dueWorkspaces } from '../../db/workspaces.ts'
import type { Game } from '../game.ts'
import type { Worker } from '../judging/work.ts'
import { healPushes } from '../triggers/cut-off-pushes.ts'

const sweepMs = 5_000
const pruneMs = 600_000
/** Longer than any push may take; a younger open one is still being received. */
const pushSeconds = 300

/**
 * Heals what a crash or an outage left: jobs that no dispatch holds, submissions that nobody runs any more,
 * pushes that moved refs and were never told of. Every step can run at any time, in any number of processes.
 */
export interface Sweep {
  start(): Promise<void>
  close(): Promise<void>
}

export function createSweep(game: Game, worker: Worker): Sweep {
  let timer: NodeJS.Timeout | undefined
  let current: Promise<void> = Promise.resolve()
  let alive: HeldLock | undefined
  let pruned = 0
  let first = true

  const round = async () => {
    if (!alive?.held()) alive = await lockWorker(game.sql, worker.key)
    await freeAbandoned(game, worker)
    await wakeSubmissions(game)
    await wakeWorkspaces(game)
    // At the start of the only process, every open push is one that a crash left.
    await healPushes(game, first && game.alone ? 0 : pushSeconds)
    first = false
    if (Date.now() - pruned > pruneMs) {
      pruned = Date.now()
      await prune(game)
    }
  }
  const turn = () => {
    current = round()
      .catch((error: unknown) => game.log.warn({ err: error }, 'the sweep could not finish; it runs again'))
      .finally(() => (timer = setTimeout(turn, sweepMs)))
  }

  return {
    async start() {
      turn()
      await current
    },
    async close() {
      await current
      clearTimeout(timer)
      alive?.release()
    },
  }
}

async function freeAbandoned({ sql }: Pick<Game, 'sql'>, worker: Worker): Promise<void> {
  for (const { id, worker: key } of await running(sql)) {
    const abandoned = key === worker.key ? !worker.active.has(id) : await isWorkerGone(sql, key)
    if (abandoned) await release(sql, id)
  }
}

/** Submissions that no dispatch holds: the process that put them there is gone. */
async function wakeSubmissions({ sql, dispatch }: Pick<Game, 'sql' | 'dispatch'>): Promise<void> {
  for (const { id, attempt, playerId, delayMs } of await unjudged(sql))
    await dispatch.push({ id, attempt, lane: playerId }, { delayMs })
}

/** Steps on workspaces that no queue holds: the process that put them there is gone, or they were far ahead. */
async function wakeWorkspaces({ sql, board: { cluster } }: Pick<Game, 'sql' | 'board'>): Promise<void> {
  if (!cluster) return
  for (const { playerId, version, delayMs } of await dueWorkspaces(sql, (2 * sweepMs) / 1000))
    await cluster.jobs.push({ id: playerId, attempt: version, lane: playerId }, { delayMs })
}

async function prune({ sql }: Pick<Game, 'sql'>): Promise<void> {
  await pruneSessions(sql)
  await pruneEvents(sql)
  await pruneKeys(sql)
}
