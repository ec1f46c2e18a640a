import type { Request, Response } from 'express'
import type { Sql } from '../../db/client.ts'
import type { Log } from '../../lib/log.ts'
import {
  announcementFrame,
  beatFrame,
  currentStandings,
  frame,
  huntFrame,
  workspacesFrame,
} from './frames.ts'
import { createReaders } from './readers.ts'
import { replay } from './replay.ts'
import { lastSeen, openStream, writeHead } from './stream.ts'
import { createTeller } from './teller.ts'
import type { Bus, Leaderboard, Settings } from '../../game/types.ts'

const usualBeatMs = 15_000

/** The one hub of event streams in this process. */
export interface SseHub {
  /** Keeps the response open. Throws the `Refusal` 503 where too many are open already. */
  handler(req: Request, res: Response): Promise<void>
  /** Open streams. */
  readonly size: number
  close(): void
}

export interface SseDeps {
  bus: Bus
  leaderboard: Leaderboard
  settings: Settings
  sql: Sql
  log: Log
  heartbeatMs?: number
}

export function createSseHub(deps: SseDeps): SseHub {
  const { bus, leaderboard, log, settings, heartbeatMs = usualBeatMs } = deps
  const readers = createReaders()
  const teller = createTeller(deps, readers)
  const greeting = greetingOf(leaderboard)
  const beat = setInterval(() => {
    const now = Date.now()
    readers.end(readers.all().filter(({ until }) => until < now))
    readers.write(readers.all(), beatFrame(heartbeatMs))
  }, heartbeatMs).unref()

  const stops = [
    bus.listen((note) => teller.hear(note)),
    leaderboard.subscribe((publication) => {
      readers.write(readers.all(), frame('standings', { ...publication, frozen: leaderboard.frozen() }))
    }),
  ]
  bus.rebuild(() => teller.catchUp())

  return {
    async handler(req, res) {
      if (req.method === 'HEAD') return void writeHead(res).end()
      const seen = lastSeen(req)
      const reader = openStream(readers, req, res)
      try {
        // Live from here on: what comes while the past is being read comes twice rather than never.
        const from = Buffer.from(`id: ${seen ?? bus.position}\n`)
        // What is public is told as it stands, and read from memory: whatever moved between the page and its stream is in it.
        const hunt = [huntFrame(settings), announcementFrame(settings)]
        readers.write([reader], Buffer.concat([from, beatFrame(heartbeatMs), greeting(), ...hunt]))
        if (reader.isOrganizer) readers.write([reader], workspacesFrame())
        if (seen !== undefined) await replay(deps, readers, reader, seen)
      } catch (error) {
        log.warn({ err: error }, 'an event stream could not be continued')
        readers.end([reader])
      }
    },
    get size() {
      return readers.size
    },
    close() {
      clearInterval(beat)
      teller.close()
      for (const stop of stops) stop()
      readers.end(readers.all())
    },
  }
}

/** What every stream begins with, serialized once per change. */
function greetingOf(leaderboard: Leaderboard): () => Buffer {
  let kept: { version: number; bytes: Buffer } | undefined
  return () => {
    if (kept?.version !== leaderboard.version)
      kept = { version: leaderboard.version, bytes: frame('standings', currentStandings(leaderboard)) }
    return kept.bytes
  }
}
