import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { tryLock, type LockName } from '../../db/locks.ts'
import { createGate } from '../../lib/gate.ts'
import type { Game } from '../game.ts'
import { standsStill } from '../settings.ts'

/** A burst of news, as one release or one push makes, is looked at once. */
const quietMs = 250
const busyMs = 1000
/** The hunt has surely started then. */
const startMs = 50
/** What could not be looked at is looked at again, each time after twice as long. */
const retryMs = 3_000
const longestRetryMs = 300_000
/** News get lost; everybody is looked at this often all the same. */
const usual = { reconcileMs: 300_000, leadMs: 5_000 }
/** Of news, and of all else, so that nobody waits for a round of everybody or for what failed before. */
const atOnce = 4

/** What a look left to do of one key. */
export interface LeftOver<Work> {
  /** Something was in the way: look again in a moment. */
  soon?: Work
  /** Our side could not look: look again later each time. */
  later?: Work
}

/** What is watched, and how to look at it. `Work` says what of a key (a namespace, a slug) is to be looked at. */
export interface Followed<Work> {
  /** For the log, such as `the clusters`. */
  name: string
  /** Of several processes the one that holds it makes the rounds; another takes over when it is gone. */
  lock: LockName
  /** What comes while something of the same key waits is looked at with it. */
  merge(waiting: Work, more: Work): Work
  everybody(signal: AbortSignal): Promise<Iterable<readonly [key: string, work: Work]>>
  look(key: string, work: Work, signal: AbortSignal): Promise<LeftOver<Work>>
  /** Hears of news, in the process that makes the rounds alone. */
  watch?(moved: (key: string, work: Work) => void): { close(): void }
}

export interface Follower<Work> {
  start(): void
  /** Somebody has just done something. */
  moved(key: string, work: Work): void
  close(): Promise<void>
}

interface Due<Work> {
  work: Work
  news: boolean
  /** How often it could not be looked at. */
  tries: number
}

/** Looks at whatever moved, soon after it moved; at everybody every few minutes; and again at what could not be looked at. */
export function createFollower<Work>(
  { sql, log, bus, settings }: Pick<Game, 'sql' | 'log' | 'bus' | 'settings'>,
  followed: Followed<Work>,
  { reconcileMs, leadMs } = usual,
): Follower<Work> {
  const closing = new AbortController()
  // Every request under way listens to it.
  setMaxListeners(0, closing.signal)
  const queue = createQueue(followed, log, closing.signal)

  const round = async () => {
    for (const [key, work] of await followed.everybody(closing.signal))
      queue.put(key, { work, news: false, tries: 0 }, quietMs)
  }
  const pause = createPause({ bus, settings }, leadMs, closing.signal)
  const lead = async () => {
    const lock = await tryLock(sql, followed.lock)
    if (!lock) return
    const watch = followed.watch?.(moved)
    let reconciled = 0
    let stood = standsStill(settings)
    try {
      while (lock.held() && !closing.signal.aborted) {
        // What moved before the start or during a pause made no submission: now it does.
        const stands = standsStill(settings)
        if (stood !== null && stands === null) reconciled = 0
        stood = stands
        if (Date.now() - reconciled > reconcileMs) {
          await round().then(
            () => (reconciled = Date.now()),
            (error: unknown) =>
              log.warn({ err: error }, `${followed.name} could not be read; it is tried again`),
          )
        }
        await pause()
      }
    } finally {
      watch?.close()
      lock.release()
    }
  }
  const run = async () => {
    while (!closing.signal.aborted) {
      await lead().catch((error: unknown) =>
        log.warn({ err: error }, `following ${followed.name} broke off; it starts again`),
      )
      await pause()
    }
  }
  function moved(key: string, work: Work): void {
    queue.put(key, { work, news: true, tries: 0 }, quietMs)
  }

  let running: Promise<void> = Promise.resolve()
  return {
    start: () => void (running = run()),
    moved,
    async close() {
      closing.abort()
      await running
      await queue.close()
    },
  }
}

/** Waits between two turns of a round, no longer than until the hunt starts, or the desk changes it. */
function createPause(
  { bus, settings }: Pick<Game, 'bus' | 'settings'>,
  longestMs: number,
  closing: AbortSignal,
): () => Promise<void> {
  return async () => {
    if (closing.aborted) return
    const woken = new AbortController()
    const wake = () => woken.abort()
    const off = bus.listen(({ kind }) => kind === 'hunt' && wake())
    closing.addEventListener('abort', wake)
    const untilStart = (settings.window.start?.getTime() ?? 0) - Date.now()
    const ms = untilStart > 0 ? Math.min(longestMs, untilStart + startMs) : longestMs
    await sleep(ms, undefined, { signal: woken.signal }).catch(() => undefined)
    closing.removeEventListener('abort', wake)
    off()
  }
}

/** What waits to be looked at, one entry a key; news go before rounds, and one key is looked at by one look at a time. */
function createQueue<Work>(
  followed: Followed<Work>,
  log: Game['log'],
  signal: AbortSignal,
): { put(key: string, due: Due<Work>, milliseconds: number): void; close(): Promise<void> } {
  const waiting = new Map<string, Due<Work> & { timer: NodeJS.Timeout }>()
  const working = new Set<Promise<void>>()
  const gate = createGate(atOnce)
  const turns = createGate(1)

  const put = (key: string, more: Due<Work>, milliseconds: number) => {
    if (signal.aborted) return
    const before = waiting.get(key)
    const due = before ? both(before, more) : more
    // What somebody waits for is looked at anyway, and soon.
    if (before?.news && !more.news) {
      waiting.set(key, { ...due, timer: before.timer })
      return
    }
    clearTimeout(before?.timer)
    waiting.set(key, { ...due, timer: setTimeout(() => begin(key), milliseconds) })
  }
  const both = (before: Due<Work>, more: Due<Work>): Due<Work> => ({
    work: followed.merge(before.work, more.work),
    news: before.news || more.news,
    tries: more.news ? 0 : before.tries,
  })
  const again = (key: string, { work, tries }: Due<Work>) => {
    const next = waiting.get(key)
    // Something came meanwhile, so that it is looked at anyway.
    if (next) waiting.set(key, { ...next, work: followed.merge(next.work, work) })
    else put(key, { work, news: false, tries: tries + 1 }, Math.min(retryMs * 2 ** tries, longestRetryMs))
  }
  const look = async (key: string, due: Due<Work>) => {
    if (signal.aborted) return
    const { soon, later } = await followed.look(key, due.work, signal)
    if (soon !== undefined) put(key, { work: soon, news: due.news, tries: 0 }, busyMs)
    if (later !== undefined) again(key, { ...due, work: later })
  }
  const begin = (key: string) => {
    const due = waiting.get(key)
    if (!due) return
    waiting.delete(key)
    const work = gate
      .pass(due.news ? 'news' : 'rounds', () => turns.pass(key, () => look(key, due)))
      .catch((error: unknown) => {
        log.warn({ err: error, key }, 'what moved could not be looked at; it is tried again')
        again(key, due)
      })
      .finally(() => working.delete(work))
    working.add(work)
  }
  return {
    put,
    async close() {
      for (const { timer } of waiting.values()) clearTimeout(timer)
      await Promise.allSettled(working)
    },
  }
}
