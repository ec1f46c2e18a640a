import { pruneEvents } from '../../db/events.ts'
import { pruneKeys } from '../../db/idempotency.ts'
import { closePush, forgottenPushes, type PushRow } from '../../db/repositories.ts'
import { pruneSessions } from '../../db/sessions.ts'
import { release, running, unjudged } from '../../db/submissions.ts'
import type { Database } from '../../db/client.ts'
import { dueWorkspaces } from '../../db/workspaces.ts'
import type { Snapshot } from '../../board/forge/types.ts'
import { submitPush } from '../triggers/push.ts'
import type { Game } from '../game.ts'
import type { Worker } from '../judging/work.ts'

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
  let alive: { release(): void } | undefined
  let pruned = 0
  let first = true

  const round = async () => {
    alive ??= await holdLock(game.sql, worker.key, () => (alive = undefined))
    await freeAbandoned(game, worker)
    for (const row of await unjudged(game.sql)) {
      await game.dispatch.push(
        { id: row.id, attempt: row.attempt, lane: row.playerId },
        { delayMs: row.delayMs },
      )
    }
    await wakeWorkspaces(game)
    // At the start of the only process, every open push is one that a crash left.
    for (const push of await forgottenPushes(game.sql, first && !game.config.databaseUrl ? 0 : pushSeconds))
      await heal(game, push)
    first = false
    if (Date.now() - pruned > pruneMs) {
      pruned = Date.now()
      await pruneSessions(game.sql)
      await pruneEvents(game.sql)
      await pruneKeys(game.sql)
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

/** Steps on workspaces that no queue holds: the process that put them there is gone, or they were far ahead. */
async function wakeWorkspaces({ sql, board }: Game): Promise<void> {
  if (!board.clusters) return
  for (const { playerId, version, delayMs } of await dueWorkspaces(sql, (2 * sweepMs) / 1000))
    await board.clusters.jobs.push({ id: playerId, attempt: version, lane: playerId }, { delayMs })
}

/** An advisory lock that PostgreSQL gives back when this process is gone: others see by it that the worker lives. */
async function holdLock(sql: Database, key: number, onLost: () => void): Promise<{ release(): void }> {
  const connection = await sql.reserve()
  await connection`select pg_advisory_lock(${lockSpace}, ${key})`
  const watch = setInterval(() => {
    connection`select 1`.catch(() => {
      clearInterval(watch)
      onLost()
    })
  }, sweepMs).unref()
  return {
    release() {
      clearInterval(watch)
      connection.release()
    },
  }
}

const lockSpace = 7_305

async function freeAbandoned(game: Game, worker: Worker): Promise<void> {
  for (const { id, worker: key } of await running(game.sql)) {
    const abandoned = key === worker.key ? !worker.active.has(id) : await isDead(game.sql, key)
    if (abandoned) await release(game.sql, id)
  }
}

async function isDead(sql: Database, key: number): Promise<boolean> {
  return await sql.begin(async (transaction) => {
    const [row] = await transaction<
      [{ free: boolean }]
    >`select pg_try_advisory_xact_lock(${lockSpace}, ${key}) as free`
    return row.free
  })
}

async function heal(game: Game, push: PushRow): Promise<void> {
  const { forge } = game.board
  if (!forge) return
  const reader = forge.reader({ slug: push.slug, name: push.repository })
  try {
    const snapshot = await reader.snapshot()
    if (sameRefs(push.before, snapshot)) await closePush(game.sql, push.id)
    else {
      game.log.warn({ push: push.id, slug: push.slug }, 'a push that a crash cut off is judged now')
      await submitPush(game, {
        id: push.id,
        player: push,
        repository: push.repository,
        memberId: null,
        receivedAt: push.receivedAt,
        snapshot,
      })
    }
  } finally {
    reader.close()
  }
}

function sameRefs(a: Snapshot, b: Snapshot): boolean {
  const names = new Set([...Object.keys(a.refs), ...Object.keys(b.refs)])
  return [...names].every((name) => a.refs[name] === b.refs[name])
}
