import { EventEmitter, setMaxListeners } from 'node:events'
import type { Database } from '../db/client.ts'
import { newestEvent } from '../db/event-replay.ts'
import type { EventNote } from '../db/events.ts'
import type { Log } from '../lib/log.ts'
import { forAll } from '../lib/rounds.ts'
import type { Bus } from './types.ts'

/** Where the database is away: what could not be taken in is read anew this much later, until it is. */
const retryMs = 1000

export function createBus(sql: Database, log: Log): Bus {
  const emitter = new EventEmitter().setMaxListeners(0)
  const appliers: ((note: EventNote) => Promise<void>)[] = []
  const rebuilders: (() => Promise<void>)[] = []
  const stopping = forMany()
  const order = createOrder(log, () => void rebuild())
  const { inOrder } = order
  let unlisten: (() => Promise<void>) | undefined
  let position = '0'

  const rebuild = () =>
    inOrder(async () => {
      // Asked before anything is read: what is written meanwhile comes as a note.
      const newest = await newestEvent(sql)
      await forAll(rebuilders, (handler) => handler())
      position = newest
    })
  const receive = (payload: string) =>
    inOrder(async () => {
      const note = JSON.parse(payload) as EventNote
      try {
        await forAll(appliers, (handler) => handler(note))
        // Notes come in the order of commits, ids are given out before.
        if (BigInt(note.id) > BigInt(position)) position = note.id
      } finally {
        emitter.emit('note', note)
      }
    })

  return {
    get position() {
      return position
    },
    apply: (handler) => void appliers.push(handler),
    rebuild: (handler) => void rebuilders.push(handler),
    inOrder,
    listen(listener) {
      emitter.on('note', listener)
      return () => void emitter.off('note', listener)
    },
    async start() {
      const listening = await sql.listen(
        'event',
        (payload) => void receive(payload),
        () => void rebuild(),
      )
      unlisten = () => listening.unlisten()
      await order.drained()
    },
    stopping: stopping.signal,
    stop: () => stopping.abort(),
    async close() {
      stopping.abort()
      await unlisten?.().catch(() => undefined)
      await order.end()
      emitter.removeAllListeners()
    },
  }
}

/** One piece of work after the other; where one fails, `again` is called a moment later, once for all that fail until then. */
function createOrder(log: Log, again: () => void) {
  let queue = Promise.resolve()
  let retry: NodeJS.Timeout | undefined
  let ended = false
  const repeat = () => {
    retry = undefined
    again()
  }
  return {
    inOrder: (work: () => Promise<void>): Promise<void> => {
      queue = queue.then(work).catch((error: unknown) => {
        log.error({ err: error }, 'a change could not be applied; all is read anew in a moment')
        if (!ended) retry ??= setTimeout(repeat, retryMs).unref()
      })
      return queue
    },
    drained: () => queue,
    async end() {
      ended = true
      clearTimeout(retry)
      await queue
    },
  }
}

/** Everybody who waits may listen to it. */
function forMany(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
