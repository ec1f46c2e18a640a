import { isAway } from '../../db/client.ts'
import { pruneEvents } from '../../db/events.ts'
import { pruneKeys } from '../../db/idempotency.ts'
import { isWorkerGone, lockWorker, type HeldLock } from '../../db/locks.ts'
import { pruneKeepsakes } from '../../db/keepsakes.ts'
import { pruneSessions } from '../../db/sessions.ts'
import { release, running, unjudged } from '../../db/submissions.ts'
import { dueWorkspaces } from '../../db/workspaces.ts'
import type { Game } from '../game.ts'
import { standsStill } from '../settings.ts'
import type { Worker } from '../judging/work.ts'
import { createRounds, forAll } from '../../lib/rounds.ts'
import { createRoomMaker } from './make-room.ts'
import { createTakingBack, removeStrays } from '../people/take-back.ts'
import { createPushHealer } from '../triggers/cut-off-pushes.ts'

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

/** One thing that the sweep looks after; none is kept from its turn by another. */
interface Step {
  name: string
  run(): Promise<void>
}

export function createSweep(game: Game, worker: Worker): Sweep {
  let timer: NodeJS.Timeout | undefined
  let current: Promise<void> = Promise.resolve()
  let alive: HeldLock | undefined
  let pruned = 0
  let first = true

  const healPushes = createPushHealer(game)
  const room = createRoomMaker(game)
  const freeAbandoned = createFreer(game, worker)
  const heal: Step[] = [
    { name: 'abandoned submissions', run: freeAbandoned },
    { name: 'submissions that wait', run: () => wakeSubmissions(game) },
    { name: 'what is left of who left', run: createTakingBack(game) },
    { name: 'workspaces that wait', run: () => wakeWorkspaces(game) },
    {
      name: 'pushes that were cut off',
      async run() {
        // At the start of the only process, every open push is one that a crash left.
        await healPushes(first && game.alone ? 0 : pushSeconds)
        first = false
      },
    },
  ]
  const prune = pruning(game)
  // A step that fails comes again with the next round: only rows wait.
  const steps = createRounds<Step>({
    log: game.log,
    what: 'a step of the sweep',
    keyOf: ({ name }) => name,
    firstMs: 0,
    ends: isAway,
  })
  const round = async () => {
    if (!alive?.held()) alive = await lockWorker(game.sql, worker.key)
    await steps.each(heal, (step) => step.run())
    room.begin()
    if (Date.now() - pruned > pruneMs) {
      pruned = Date.now()
      await steps.each(prune, (step) => step.run())
    }
  }
  const turn = () => {
    current = round()
      .catch((error: unknown) => game.log.warn({ err: error }, 'the sweep could not finish; it runs again'))
      .finally(() => (timer = setTimeout(turn, sweepMs)))
  }

  let off = () => {}
  return {
    async start() {
      turn()
      await current
      off = wakeWithTheHunt(game)
    },
    async close() {
      off()
      await current
      clearTimeout(timer)
      await room.close()
      alive?.release()
    },
  }
}

function pruning(game: Pick<Game, 'sql' | 'board' | 'secret'>): Step[] {
  const { sql } = game
  return [
    { name: 'folders of who left', run: () => removeStrays(game) },
    { name: 'what was shown once', run: () => pruneKeepsakes(sql) },
    { name: 'old sessions', run: () => pruneSessions(sql) },
    { name: 'old events', run: () => pruneEvents(sql) },
    { name: 'old answers', run: () => pruneKeys(sql) },
  ]
}

function createFreer({ sql, log }: Pick<Game, 'sql' | 'log'>, worker: Worker): () => Promise<void> {
  const rounds = createRounds<Awaited<ReturnType<typeof running>>[number]>({
    log,
    what: 'a submission that nobody runs',
    keyOf: ({ id }) => id,
    ends: isAway,
  })
  return async () => {
    await rounds.each(await running(sql), async ({ id, worker: key }) => {
      const abandoned = key === worker.key ? !worker.active.has(id) : await isWorkerGone(sql, key)
      if (abandoned) await release(sql, id)
    })
  }
}

/** Submissions that no dispatch holds: the process that put them there is gone. */
async function wakeSubmissions({
  sql,
  dispatch,
  settings,
}: Pick<Game, 'sql' | 'dispatch' | 'settings'>): Promise<void> {
  if (standsStill(settings) !== null) return
  await forAll(await unjudged(sql), ({ id, attempt, playerId, delayMs }) =>
    dispatch.push({ id, attempt, lane: playerId }, { delayMs }),
  )
}

/** Whoever waits for the end of a pause waits for no round of the sweep. */
function wakeWithTheHunt(game: Game): () => void {
  return game.bus.listen(({ kind }) => {
    if (kind !== 'hunt') return
    wakeSubmissions(game).catch((error: unknown) =>
      game.log.warn({ err: error }, 'what waits is woken by the next round of the sweep'),
    )
  })
}

/** Steps on workspaces that no queue holds: the process that put them there is gone, or they were far ahead. */
async function wakeWorkspaces({ sql, board: { cluster } }: Pick<Game, 'sql' | 'board'>): Promise<void> {
  if (!cluster) return
  await forAll(await dueWorkspaces(sql, (2 * sweepMs) / 1000), ({ playerId, version, delayMs }) =>
    cluster.jobs.push({ id: playerId, attempt: version, lane: playerId }, { delayMs }),
  )
}
