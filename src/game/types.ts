import type { Cluster } from '../board/cluster/types.ts'
import type { BoardFile } from '../core/board-file.ts'
import type { Challenge } from '../core/challenge.ts'
import type { Registration } from '../core/hunt.ts'
import type { Standing, Standings } from '../core/standings.ts'
import type { Finding } from '../core/verdict.ts'
import type { Phase, Window } from '../core/window.ts'
import type { EventNote } from '../db/events.ts'
import type { AnnouncementRow, HuntRow } from '../db/hunt.ts'
import type { Dispatch } from '../dispatch/types.ts'

// What the long-lived parts of the game promise to the use cases; who builds them is the composition's business.

/** Hears of every change that any process wrote, in the order of the commits. */
export interface Bus {
  /** Id of the newest event that this process has taken in: whatever it reads or remembers from here on includes it. */
  readonly position: string
  /** Runs before the listeners, one note after the other: whoever listens sees state that includes the note. */
  apply(handler: (note: EventNote) => Promise<void>): void
  /**
   * Runs at every (re)connect, after LISTEN is in place, and a moment after anything could not be taken in: rebuild from the
   * tables what notes may have been lost for.
   */
  rebuild(handler: () => Promise<void>): void
  listen(listener: (note: EventNote) => void): () => void
  /** Runs between two notes; where it rejects, that is logged, and all is rebuilt a moment later. */
  inOrder(work: () => Promise<void>): Promise<void>
  start(): Promise<void>
  /** Aborts when this process begins to stop: nobody is to be kept waiting for what comes later. */
  readonly stopping: AbortSignal
  stop(): void
  close(): Promise<void>
}

/** The hunt's settings in force, kept in memory; the desk's changes arrive by the bus, in every process. */
export interface Settings {
  readonly window: Window
  readonly paused: boolean
  readonly registration: Registration
  readonly registrationCode: string | null
  readonly announcement: AnnouncementRow | undefined
  readonly row: HuntRow
  phase(): Phase
  frozen(): boolean
  load(): Promise<void>
}

/** The clusters of the board, and the queue of the work on workspaces. */
export interface Clusters {
  all: ReadonlyMap<string, Cluster>
  file: BoardFile
  /** A job is a workspace's player id; its attempt is the row's version. */
  jobs: Dispatch
  /** Clusters that did not answer lately, with the time (ms) until which others are preferred. */
  ailing: Map<string, number>
}

/** A body that was serialized and compressed once, and is served as it is until the next change. */
export interface Prepared {
  type: string
  etag: string
  plain: Buffer
  gzip: Buffer
}

/** What a publication changed: the players who moved by their own doing; those they overtook shift by position. */
export interface Publication {
  version: number
  total: number
  rows: Standing[]
  /** Slugs that have no place any more. */
  gone: string[]
  first: Record<string, string>
}

/**
 * The leaderboard of this process, in memory: rebuilt from solves at start, moved by the bus. Reading runs no query.
 * From the freeze on it stands still: later solves are not let in until the freeze is lifted.
 */
export interface Leaderboard {
  readonly version: number
  readonly updatedAt: Date
  readonly standings: Standings
  frozen(): boolean
  /** Prepared bodies by key, made at the first asking of each version. */
  prepared(key: string, make: () => { type: string; body: string }): Prepared
  /** Takes in one solve now rather than when its note arrives; again is harmless. */
  absorb(playerId: string, challengeId: string): Promise<void>
  subscribe(listener: (publication: Publication) => void): () => void
  rebuild(): Promise<void>
  close(): void
}

export interface Judgement {
  challenge: Challenge
  /** Of the check within the challenge. */
  index: number
  /** Facts of this check and of those before it, by their names. */
  facts: Readonly<Record<string, unknown>>
  params: Readonly<Record<string, string | number>>
  player: { slug: string; name: string }
}

/** Compares facts with what the author expects. Rejects as `Inconclusive` where an expression takes too long. */
export interface Judge {
  judge(given: Judgement): Promise<{ verdict: 'passed' | 'failed'; findings: Finding[] }>
  close(): Promise<void>
}
