import type { Standings } from '../../core/standings.ts'
import type { Publication } from '../types.ts'

/** Changes are gathered this long before they are published. */
const gatherMs = 250

/** Tells of changes at most four times a second: a hall that solves at once is told of once. */
export interface Publisher {
  readonly version: number
  readonly updatedAt: Date
  /** Somebody moved. */
  changed(slug: string): void
  /** Somebody has no place any more. */
  left(slug: string): void
  /** All may have moved, or what is served with them: published now, so that whoever hears of it reads nothing older. */
  publishNow(): void
  subscribe(listener: (publication: Publication) => void): () => void
  close(): void
}

/** `before`: done right before the listeners are told. */
export function createPublisher(standings: () => Standings, before: () => void): Publisher {
  let version = Date.now()
  let updatedAt = new Date()
  let timer: NodeJS.Timeout | undefined
  const moved = new Set<string>()
  const gone = new Set<string>()
  const listeners = new Set<(publication: Publication) => void>()

  const publish = () => {
    timer = undefined
    version += 1
    updatedAt = new Date()
    before()
    const now = standings()
    const rows = [...moved].flatMap((slug) => {
      const rank = now.rankOfSlug(slug)
      return rank === null ? [] : now.rows(rank - 1, rank)
    })
    const publication = { version, total: now.total, rows, gone: [...gone], first: now.first() }
    moved.clear()
    gone.clear()
    for (const listener of listeners) listener(publication)
  }
  return {
    get version() {
      return version
    },
    get updatedAt() {
      return updatedAt
    },
    changed(slug) {
      moved.add(slug)
      timer ??= setTimeout(publish, gatherMs)
    },
    left: (slug) => void gone.add(slug),
    publishNow() {
      clearTimeout(timer)
      publish()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: () => clearTimeout(timer),
  }
}
