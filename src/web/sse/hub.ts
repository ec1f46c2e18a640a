import type { Request, Response } from 'express'
import type { Sql } from '../../db/client.ts'
import { missedEvents, newestEvent } from '../../db/event-replay.ts'
import { eventsSince, type EventNote } from '../../db/events.ts'
import { playerById } from '../../db/players.ts'
import { Refusal } from '../../lib/errors.ts'
import type { Log } from '../../lib/log.ts'
import { addressOf } from '../middleware/limits.ts'
import {
  announcementFrame,
  currentStandings,
  frame,
  huntFrame,
  movesWorkspaces,
  privateFrame,
  workspacesFrame,
} from './frames.ts'
import { createReaders, type Reader } from './readers.ts'
import type { Bus, Leaderboard, Publication, Settings } from '../../game/types.ts'

const heartbeat = Buffer.from(': still here\n\n')
const retryMs = 3000
/** Streams of a member end after so long, so that a revoked token or an old session does not read on. */
const longestMs = 30 * 60_000
/** A hall that registers at once is told of once. */
const gatherMs = 250
const most = { all: 5000, member: 20, address: 2000 }

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
  const { bus, leaderboard, settings, sql, log } = deps
  const readers = createReaders()
  // Where a stream continues that was opened before any note came.
  let newest: string | undefined
  let hello: { version: number; bytes: Buffer } | undefined
  // One player's frames leave in the order of their notes, though each has to be read first.
  const tails = new Map<string, Promise<void>>()
  let gathering: NodeJS.Timeout | undefined

  const greeting = (): Buffer => {
    if (hello?.version !== leaderboard.version)
      hello = { version: leaderboard.version, bytes: frame('standings', currentStandings(leaderboard)) }
    return hello.bytes
  }
  const toPlayer = (playerId: string, note: EventNote) => {
    const tail = (tails.get(playerId) ?? Promise.resolve())
      .then(async () => {
        if (note.kind === 'player') {
          // Said of who registers, is renamed or hidden, too, and maybe after they began to read.
          if ((await playerById(sql, playerId))?.state !== 'active') endAll(playerId)
          return
        }
        const bytes = await privateFrame(sql, note)
        if (bytes) readers.write(readers.of(playerId), bytes)
      })
      .catch((error: unknown) => {
        // They come again with the id of the last event that they saw, and are told then.
        log.warn({ err: error }, 'an event could not be read; its readers have to come again')
        endAll(playerId)
      })
      .finally(() => {
        if (tails.get(playerId) === tail) tails.delete(playerId)
      })
    tails.set(playerId, tail)
  }
  const toOrganizers = () => {
    gathering ??= setTimeout(() => {
      gathering = undefined
      readers.write(readers.organizers(), workspacesFrame())
    }, gatherMs).unref()
  }
  const end = (reader: Reader) => {
    readers.remove(reader)
    reader.res.end()
  }
  const endAll = (playerId: string) => {
    for (const reader of readers.of(playerId)) end(reader)
  }
  const hear = (note: EventNote) => {
    newest = note.id
    if (movesWorkspaces(note)) toOrganizers()
    if (note.kind === 'hunt') readers.write(readers.all(), huntFrame(settings, note.id))
    if (note.kind === 'announcement') readers.write(readers.all(), announcementFrame(settings, note.id))
    if (note.playerId === null || [...readers.of(note.playerId)].length === 0) return
    if (['submission', 'workspace', 'player'].includes(note.kind)) toPlayer(note.playerId, note)
  }
  const publish = (publication: Publication) => {
    readers.write(readers.all(), frame('standings', { ...publication, frozen: leaderboard.frozen() }))
  }
  const catchUp = async () => {
    const since = newest
    newest = await newestEvent(sql)
    if (since === undefined || readers.size === 0) return
    readers.write(readers.all(), huntFrame(settings, newest))
    readers.write(readers.all(), announcementFrame(settings, newest))
    toOrganizers()
    for (const note of await missedEvents(sql, readers.players(), since))
      if (note.playerId !== null) toPlayer(note.playerId, note)
  }
  const beat = setInterval(() => {
    const now = Date.now()
    for (const reader of [...readers.all()]) if (reader.until < now) end(reader)
    readers.write(readers.all(), heartbeat)
  }, deps.heartbeatMs ?? 15_000).unref()

  const stops = [bus.listen(hear), leaderboard.subscribe(publish)]
  bus.rebuild(catchUp)

  const open = (req: Request, res: Response): Reader => {
    const account = req.user ? `member ${req.user.id}` : addressOf(req)
    if (!readers.mayAdd(account, { all: most.all, account: req.user ? most.member : most.address }))
      throw new Refusal(503, 'too-many-readers', 'Too many event streams are open. Try again later.', {
        retryAfter: 30,
      })
    writeHead(res)
    const until = req.user ? Date.now() + longestMs : Infinity
    const { playerId = null, role = 'player' } = req.user ?? {}
    const reader: Reader = { res, playerId, isOrganizer: role === 'organizer', account, until }
    readers.add(reader)
    res.once('close', () => readers.remove(reader))
    res.on('error', () => readers.remove(reader))
    return reader
  }

  return {
    async handler(req, res) {
      if (req.method === 'HEAD') return void writeHead(res).end()
      const seen = lastSeen(req)
      const reader = open(req, res)
      try {
        // Live from here on: what comes while the past is being read comes twice rather than never.
        const from = (newest ??= await newestEvent(sql))
        readers.write([reader], Buffer.concat([Buffer.from(`id: ${seen ?? from}\n`), greeting()]))
        // What moved between the page and its stream.
        if (reader.isOrganizer) readers.write([reader], workspacesFrame())
        if (seen !== undefined) await replay(reader, seen)
      } catch (error) {
        log.warn({ err: error }, 'an event stream could not be continued')
        end(reader)
      }
    },
    get size() {
      return readers.size
    },
    close() {
      clearInterval(beat)
      clearTimeout(gathering)
      for (const stop of stops) stop()
      for (const reader of [...readers.all()]) end(reader)
    },
  }

  async function replay(reader: Reader, seen: string): Promise<void> {
    const notes = await eventsSince(sql, reader.playerId, seen)
    // Several notes of one thing are one look at it, with the id of the last.
    const latest = new Map(notes.map((note) => [`${note.kind} ${note.subject}`, note]))
    const announced = notes.findLast((note) => note.kind === 'announcement')
    for (const note of notes) {
      if (note === announced) readers.write([reader], announcementFrame(settings, note.id))
      if (note.kind === 'announcement' || latest.get(`${note.kind} ${note.subject}`) !== note) continue
      const bytes = await privateFrame(sql, note)
      if (bytes) readers.write([reader], bytes)
    }
  }
}

function writeHead(res: Response): Response {
  res.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  })
  res.socket?.setKeepAlive(true, 60_000)
  res.write(`retry: ${retryMs}\n\n`)
  return res
}

/** The header that a browser sends when it comes again, or `?lastEventId=` where a script opens the stream anew. */
function lastSeen(req: Request): string | undefined {
  const given = req.get('last-event-id') ?? req.query['lastEventId']
  return typeof given === 'string' && /^\d{1,18}$/.test(given) ? given : undefined
}
