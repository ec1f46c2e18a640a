import type { Response } from 'express'

/** What may wait for one reader before we let go of it, in bytes. */
const longestQueue = 64 * 1024

/** An open stream. */
export interface StreamReader {
  res: Response
  playerId: string | null
  /** May hear that others’ workspaces moved. */
  isOrganizer: boolean
  /** What it is counted under. */
  account: string
  /** Milliseconds of the epoch: then it has to come again and say who it is. */
  until: number
}

/** The open streams of this process, counted by account and found by player. */
export interface StreamReaders {
  readonly size: number
  /** False where there are too many already, of this account or in all. */
  mayAdd(account: string, most: { account: number; all: number }): boolean
  add(reader: StreamReader): void
  remove(reader: StreamReader): void
  /** Removes them and ends their answers. */
  end(readers: Iterable<StreamReader>): void
  of(playerId: string): StreamReader[]
  all(): StreamReader[]
  players(): string[]
  organizers(): StreamReader[]
  write(readers: Iterable<StreamReader>, bytes: Buffer): void
}

export function createReaders(): StreamReaders {
  const readers = new Set<StreamReader>()
  const byPlayer = new Map<string, Set<StreamReader>>()
  const counts = new Map<string, number>()

  const count = (account: string, by: 1 | -1) => {
    const next = (counts.get(account) ?? 0) + by
    if (next === 0) counts.delete(account)
    else counts.set(account, next)
  }
  const remove = (reader: StreamReader) => {
    if (!readers.delete(reader)) return
    count(reader.account, -1)
    if (reader.playerId === null) return
    const own = byPlayer.get(reader.playerId)
    own?.delete(reader)
    if (own?.size === 0) byPlayer.delete(reader.playerId)
  }

  return {
    get size() {
      return readers.size
    },
    mayAdd: (account, most) => readers.size < most.all && (counts.get(account) ?? 0) < most.account,
    add(reader) {
      readers.add(reader)
      count(reader.account, 1)
      if (reader.playerId === null) return
      const own = byPlayer.get(reader.playerId) ?? new Set()
      byPlayer.set(reader.playerId, own.add(reader))
    },
    remove,
    end(some) {
      for (const reader of some) {
        remove(reader)
        reader.res.end()
      }
    },
    of: (playerId) => [...(byPlayer.get(playerId) ?? [])],
    all: () => [...readers],
    organizers: () => [...readers].filter(({ isOrganizer }) => isOrganizer),
    players: () => [...byPlayer.keys()],
    write(to, bytes) {
      for (const reader of to) {
        reader.res.write(bytes)
        if (reader.res.writableLength <= longestQueue) continue
        // It comes again and is told what it missed; its queue would only grow.
        remove(reader)
        reader.res.destroy()
      }
    },
  }
}
