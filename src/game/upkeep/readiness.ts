import type { Cluster } from '../../board/cluster/types.ts'
import { probeDisk } from '../../lib/disk.ts'
import { atMost, timeoutSignal } from '../../lib/deadline.ts'
import { Inconclusive, reasonOf } from '../../lib/errors.ts'
import type { Game } from '../game.ts'

/** Whether this process can do its work, for whoever sends it requests. */
export interface State {
  /**
   * `degraded`: what is missing is missing for every process, so that no other would do better. `not ready`: this one lacks what
   * it cannot work without.
   */
  status: 'ready' | 'degraded' | 'not ready'
  /** Why, by part; empty where nothing is missing. */
  missing: Record<string, string>
}

interface Part {
  name: 'database' | 'disk' | 'forge' | 'registry' | 'cluster'
  /** Without it this process is not ready; without another it is degraded. */
  own: boolean
  freshMs: number
  look(signal: AbortSignal): Promise<unknown>
}

const boundMs = 3_000
/** Less, so that the one that hangs is told by its name. */
const clusterMs = 2_500
/** The database is asked by every page anyway. */
const ownMs = 500
/** However often somebody asks, the others are not asked more often than this. */
const otherMs = 10_000

/** Looks at every part in bounded time; answers of a moment ago are given again, so that nobody loads a part by asking. */
export function createReadiness(
  { sql, board, log }: Pick<Game, 'sql' | 'board' | 'log'>,
  dataDir: string,
): () => Promise<State> {
  const { forge, registry, cluster } = board
  const parts: Part[] = [
    { name: 'database', own: true, freshMs: ownMs, look: () => sql`select 1` },
    { name: 'disk', own: true, freshMs: otherMs, look: () => probeDisk(dataDir) },
  ]
  if (forge) parts.push({ name: 'forge', own: true, freshMs: otherMs, look: () => forge.ping() })
  if (registry)
    parts.push({ name: 'registry', own: false, freshMs: otherMs, look: (signal) => registry.ping(signal) })
  if (cluster)
    parts.push({
      name: 'cluster',
      own: false,
      freshMs: otherMs,
      look: () => pingAll([...cluster.all.values()]),
    })
  const looks = parts.map((part) => ({ part, look: kept(part, log) }))
  return async () => {
    const seen = await Promise.all(looks.map(async ({ part, look }) => ({ part, reason: await look() })))
    const lacking = seen.flatMap(({ part, reason }) => (reason === null ? [] : [{ part, reason }]))
    const missing = Object.fromEntries(lacking.map(({ part, reason }) => [part.name, reason]))
    if (lacking.some(({ part }) => part.own)) return { status: 'not ready', missing }
    return { status: lacking.length > 0 ? 'degraded' : 'ready', missing }
  }
}

/** One that is away keeps no other from being looked at, nor from being named. */
async function pingAll(clusters: readonly Pick<Cluster, 'ping'>[]): Promise<void> {
  const seen = await Promise.allSettled(clusters.map((one) => one.ping(timeoutSignal(clusterMs))))
  const reasons = seen.flatMap((one) => (one.status === 'rejected' ? [reasonOf(one.reason)] : []))
  if (reasons.length > 0) throw new Inconclusive(reasons.join('; '))
}

/** null while nothing is in the way; else why. One look at a time, also where one never ends. */
function kept(part: Part, log: Game['log']): () => Promise<string | null> {
  let known: { reason: string | null; at: number } | undefined
  let current: Promise<string | null> | undefined
  let looking: Promise<string | null> | undefined

  const lookOnce = async (): Promise<string | null> => {
    if (looking) return lateText(part.name)
    looking = part
      .look(timeoutSignal(boundMs))
      .then(
        () => null,
        (error: unknown) => textOf(part.name, error),
      )
      .finally(() => (looking = undefined))
    const seen = await atMost(boundMs, looking)
    return seen === undefined ? lateText(part.name) : seen
  }
  const lookAnew = async (): Promise<string | null> => {
    const reason = await lookOnce()
    if (reason !== (known?.reason ?? null))
      log.warn({ part: part.name, reason }, reason === null ? 'a part is back' : 'a part is missing')
    known = { reason, at: performance.now() }
    current = undefined
    return reason
  }
  return async () => {
    if (known && performance.now() - known.at < part.freshMs) return known.reason
    return await (current ??= lookAnew())
  }
}

/** What the driver says is for the log: it may name hosts that are nobody's business. */
function textOf(name: Part['name'], error: unknown): string {
  if (name === 'database') return 'PostgreSQL does not answer'
  return reasonOf(error).replace(/\s+/g, ' ').slice(0, 200)
}

function lateText(name: Part['name']): string {
  return name === 'database' ? 'PostgreSQL does not answer' : `no answer within ${boundMs / 1000} s`
}
