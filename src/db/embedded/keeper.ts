import { setTimeout as sleep } from 'node:timers/promises'
import { isDiskAway, probeDisk } from '../../lib/disk.ts'
import { Fault, reasonOf } from '../../lib/errors.ts'
import type { Log } from '../../lib/log.ts'
import type { Cluster } from './cluster.ts'
import { isServerOf } from './pidfile.ts'
import type { Server } from './server.ts'

const lookMs = 1_000
/** Pauses before each try to start it again, in milliseconds. */
const pauses = [0, 500, 2_000, 5_000, 10_000]
/** The one that is repeated while the disk is full. */
const patientTry = 2

/** A PostgreSQL that is started again where it ended without being told to. */
export interface Keeper {
  /** The one that runs now. */
  current(): Server
  /** Resolves, once, to why it cannot be started again. */
  lost: Promise<Fault>
  /** From now on it may end. */
  stop(): Promise<void>
}

/** `again` starts it at the same port; `back` is called once it runs again. */
export function keepRunning(
  cluster: Cluster,
  started: Server,
  { again, back, log }: { again: () => Promise<Server>; back: () => Promise<void>; log: Log },
): Keeper {
  let server = started
  let lose: (why: Fault) => void = () => undefined
  const lost = new Promise<Fault>((resolve) => (lose = resolve))
  const stopping = new AbortController()
  const { signal } = stopping
  const pause = (milliseconds: number) =>
    sleep(milliseconds, undefined, { signal, ref: false }).catch(() => undefined)

  const restart = async (): Promise<boolean> => {
    let reason = ''
    for (let tries = 0; tries < pauses.length;) {
      await pause(pauses[tries] ?? 0)
      if (signal.aborted) return true
      try {
        const found = await again()
        if (found.port !== server.port) {
          reason = 'another server has started it meanwhile'
          break
        }
        server = found
        await back()
        log.warn({ pid: found.pid }, 'PostgreSQL runs again')
        return true
      } catch (error) {
        reason = reasonOf(error)
        log.error({ reason }, 'PostgreSQL could not be started again; it is tried once more')
        // Whoever makes room on a full disk starts nothing, and needs as long as it takes.
        tries = (await hasRoom(cluster.home)) ? tries + 1 : patientTry
      }
    }
    lose(new Fault(`The database has ended and cannot be started again: ${reason}`))
    return false
  }
  const watch = async () => {
    for (;;) {
      await pause(lookMs)
      if (signal.aborted) return
      if (await isServerOf(cluster.folder, server.pid)) continue
      log.error({ pid: server.pid }, 'PostgreSQL has ended; it is started again')
      if (!(await restart())) return
    }
  }
  const watching = watch()
  return {
    current: () => server,
    lost,
    async stop() {
      stopping.abort()
      await watching
    },
  }
}

async function hasRoom(folder: string): Promise<boolean> {
  return await probeDisk(folder).then(
    () => true,
    (error: unknown) => !(error instanceof Error && isDiskAway(error.cause)),
  )
}
