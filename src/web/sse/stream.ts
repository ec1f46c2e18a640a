import type { Request, Response } from 'express'
import { Refusal } from '../../lib/errors.ts'
import { addressOf } from '../middleware/limits.ts'
import type { StreamReader, StreamReaders } from './readers.ts'

const retryMs = 3000
/** Streams of a member end after so long, so that a revoked token or an old session does not read on. */
const longestMs = 30 * 60_000
const most = { all: 5000, member: 20, address: 2000 }

/** Begins an answer that stays open, and counts its reader until it goes. */
export function openStream(readers: StreamReaders, req: Request, res: Response): StreamReader {
  const account = req.user ? `member ${req.user.id}` : addressOf(req)
  if (!readers.mayAdd(account, { all: most.all, account: req.user ? most.member : most.address }))
    throw new Refusal(503, 'too-many-readers', 'Too many event streams are open. Try again later.', {
      retryAfter: 30,
    })
  writeHead(res)
  const until = req.user ? Date.now() + longestMs : Infinity
  const { playerId = null, role = 'player' } = req.user ?? {}
  const reader: StreamReader = { res, playerId, isOrganizer: role === 'organizer', account, until }
  readers.add(reader)
  res.once('close', () => readers.remove(reader))
  res.on('error', () => readers.remove(reader))
  return reader
}

export function writeHead(res: Response): Response {
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
export function lastSeen(req: Request): string | undefined {
  const given = req.get('last-event-id') ?? req.query['lastEventId']
  return typeof given === 'string' && /^\d{1,18}$/.test(given) ? given : undefined
}
