import type { OutgoingHttpHeaders } from 'node:http'
import type { Request, RequestHandler, Response } from 'express'
import { LRUCache } from 'lru-cache'
import type { Game } from '../../game/game.ts'
import type { Prepared } from '../../game/types.ts'
import { languageOf } from './language.ts'
import { originOf } from './origin.ts'

/** An answer to a public read as it left once: the body, and every header that does not belong to one request alone. */
interface Kept {
  version: number
  prepared: Prepared
  headers: OutgoingHttpHeaders
}

const perRequest = ['x-request-id', 'date', 'connection', 'content-length', 'content-encoding', 'set-cookie']
const mostKept = 500

/**
 * The first stop of the leaderboard's readers, before logs, sessions and routers: what was answered since the last change,
 * to the same question, is answered again as it is. What a request was understood to ask counts, never how it was written: two who
 * are told apart by the answer's maker are told apart here.
 */
export function repeatPrepared({
  leaderboard,
  hunt,
  config,
}: Pick<Game, 'leaderboard' | 'hunt' | 'config'>): RequestHandler {
  const known = new LRUCache<string, Kept>({ max: mostKept })
  return (req, res, next) => {
    if (req.method !== 'GET' || !/^\/(?:api\/v1\/)?leaderboard(?:\?|$)/.test(req.url)) {
      next()
      return
    }
    const key = [languageOf(req, hunt.languages), originOf(req, config), req.url].join('\n')
    const kept = known.get(key)
    if (kept?.version === leaderboard.version) {
      write(req, res, kept)
      return
    }
    res.locals['keep'] = (prepared: Prepared) => {
      const headers = Object.fromEntries(
        Object.entries(res.getHeaders()).filter(([name]) => !perRequest.includes(name)),
      )
      known.set(key, { version: leaderboard.version, prepared, headers })
    }
    next()
  }
}

/** Answers with bytes that were made once, or with 304 where the reader has them. */
export function sendPrepared(req: Request, res: Response, prepared: Prepared): void {
  // One body in two codings: only a weak validator may stand for both.
  res.setHeader('ETag', `W/${prepared.etag}`)
  res.vary('Accept-Encoding')
  res.setHeader('Cache-Control', 'public, max-age=0, must-revalidate, no-transform')
  const keep = res.locals['keep'] as ((prepared: Prepared) => void) | undefined
  keep?.(prepared)
  write(req, res, { prepared, headers: {} })
}

function write(req: Request, res: Response, { prepared, headers }: Pick<Kept, 'prepared' | 'headers'>): void {
  if (matches(req.headers['if-none-match'], prepared.etag)) {
    res.writeHead(304, headers).end()
    return
  }
  const gzip =
    /\bgzip\b/.test(String(req.headers['accept-encoding'])) &&
    req.acceptsEncodings('gzip', 'identity') === 'gzip'
  const body = gzip ? prepared.gzip : prepared.plain
  res.writeHead(200, {
    ...headers,
    'Content-Type': prepared.type,
    'Content-Length': body.length,
    ...(gzip && { 'Content-Encoding': 'gzip' }),
  })
  res.end(req.method === 'HEAD' ? undefined : body)
}

function matches(given: string | undefined, etag: string): boolean {
  if (given === undefined) return false
  return given.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag)
}
