import type { OutgoingHttpHeaders } from 'node:http'
import type { Request, RequestHandler, Response } from 'express'
import type { Leaderboard, Prepared } from '../../game/types.ts'

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
 * to a request that may differ in nothing that the answer depends on, is answered again as it is.
 */
export function repeatPrepared(leaderboard: Pick<Leaderboard, 'version'>): RequestHandler {
  const known = new Map<string, Kept>()
  return (req, res, next) => {
    if (req.method !== 'GET' || !/^\/(?:api\/v1\/)?leaderboard(?:\?|$)/.test(req.url)) {
      next()
      return
    }
    const { host, cookie, 'accept-language': language } = req.headers
    const key = [
      req.url,
      host,
      req.protocol,
      /(?:^|; )language=(\w+)/.exec(cookie ?? '')?.[1],
      language,
    ].join('\n')
    const kept = known.get(key)
    if (kept?.version === leaderboard.version) {
      write(req, res, kept)
      return
    }
    res.locals['keep'] = (prepared: Prepared) => {
      const headers = Object.fromEntries(
        Object.entries(res.getHeaders()).filter(([name]) => !perRequest.includes(name)),
      )
      if (known.size >= mostKept) known.clear()
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
