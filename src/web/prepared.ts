import type { Request, Response } from 'express'
import type { Prepared } from '../game/leaderboard.ts'

/** Answers with bytes that were made once, or with 304 where the reader has them. */
export function sendPrepared(req: Request, res: Response, prepared: Prepared): void {
  // One body in two codings: only a weak validator may stand for both.
  const etag = `W/${prepared.etag}`
  res.setHeader('ETag', etag)
  res.vary('Accept-Encoding')
  res.setHeader('Cache-Control', 'public, max-age=0, must-revalidate, no-transform')
  if (matches(req.headers['if-none-match'], prepared.etag)) {
    res.statusCode = 304
    res.end()
    return
  }
  const gzip = req.acceptsEncodings('gzip', 'identity') === 'gzip'
  const body = gzip ? prepared.gzip : prepared.plain
  if (gzip) res.setHeader('Content-Encoding', 'gzip')
  res.setHeader('Content-Type', prepared.type)
  res.setHeader('Content-Length', body.length)
  res.end(req.method === 'HEAD' ? undefined : body)
}

function matches(given: string | undefined, etag: string): boolean {
  if (given === undefined) return false
  return given.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag)
}
