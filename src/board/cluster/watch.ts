import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Watch } from '@kubernetes/client-node'
import type { Log } from '../../lib/log.ts'
import type { Connection } from './connection.ts'
import type { KubeObject } from './types.ts'

/**
 * What a player's work shows in. Secrets and ConfigMaps are not among them, since the master may not read them everywhere;
 * a namespace's quota counts both, so that a release moves it.
 */
const watched = [
  '/api/v1/resourcequotas',
  '/api/v1/pods',
  '/api/v1/services',
  '/apis/apps/v1/deployments',
  '/apis/apps/v1/statefulsets',
  '/apis/apps/v1/daemonsets',
  '/apis/batch/v1/jobs',
  '/apis/networking.k8s.io/v1/ingresses',
]
/** The API server ends a watch after this; a stream that says nothing for longer is taken for dead. */
const streamSeconds = 240
const silenceMs = (streamSeconds + 30) * 1000
const longestPauseMs = 30_000

/**
 * Calls back with the namespace of everything that moves in namespaces of hunts. Begins at the present: what was missed
 * while a stream was down is found by whoever looks from time to time.
 */
export function watchNamespaces(
  connection: Connection,
  log: Log,
  moved: (namespace: string) => void,
): { close(): void } {
  const closing = new AbortController()
  // Each stream listens once, and so does the pause between two of them.
  setMaxListeners(2 * watched.length, closing.signal)
  for (const path of watched) void follow(connection, path, { log, moved, signal: closing.signal })
  return { close: () => closing.abort() }
}

interface Following {
  log: Log
  moved: (namespace: string) => void
  signal: AbortSignal
}

async function follow(connection: Connection, path: string, following: Following): Promise<void> {
  const { log, signal } = following
  let pauseMs = 500
  for (;;) {
    const began = Date.now()
    try {
      const list = await connection.json<{ metadata: { resourceVersion: string } }>(path, {
        // The version alone is wanted, which any list tells.
        query: { limit: 1 },
        signal,
      })
      await stream(connection, path, list.metadata.resourceVersion, following)
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error, path }, 'a watch broke off; it starts again')
    }
    // A server that ends every watch at once must not be asked a thousand times a second.
    pauseMs = Date.now() - began > 10_000 ? 500 : Math.min(pauseMs * 2, longestPauseMs)
    if (signal.aborted) return
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
  }
}

async function stream(
  connection: Connection,
  path: string,
  resourceVersion: string,
  { moved, signal }: Following,
): Promise<void> {
  const query = { resourceVersion, allowWatchBookmarks: true, timeoutSeconds: streamSeconds }
  await new Promise<void>((resolve, reject) => {
    let controller: AbortController | undefined
    const stop = () => controller?.abort()
    let watchdog = setTimeout(stop, silenceMs)
    const done = (error: unknown = null) => {
      clearTimeout(watchdog)
      signal.removeEventListener('abort', stop)
      if (error && !signal.aborted && !(error instanceof Error && error.name === 'AbortError'))
        reject(error instanceof Error ? error : new Error('the watch ended with an error', { cause: error }))
      else resolve()
    }
    const hear = (phase: string, object: KubeObject & { message?: string }) => {
      clearTimeout(watchdog)
      watchdog = setTimeout(stop, silenceMs)
      if (phase === 'ERROR') stop()
      else if (phase !== 'BOOKMARK' && object.metadata.namespace?.startsWith('hunt-'))
        moved(object.metadata.namespace)
    }
    signal.addEventListener('abort', stop, { once: true })
    new Watch(connection.kubeConfig).watch(path, query, hear, done).then((started) => {
      controller = started
      if (signal.aborted) stop()
    }, done)
  })
}
