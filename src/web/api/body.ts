import express, { type RequestHandler } from 'express'
import { Refusal } from '../../lib/errors.ts'

/** JSON up to 100 kB; no body reads as `{}`. */
export function jsonBody(): RequestHandler[] {
  return [
    (req, _res, next) => {
      const length = Number(req.headers['content-length'] ?? 0)
      const some = length > 0 || req.headers['transfer-encoding'] !== undefined
      if (some && !req.is('application/json'))
        throw new Refusal(415, 'not-json', 'Send JSON, with "Content-Type: application/json".')
      next()
    },
    express.json({ limit: '100kb', type: 'application/json' }),
    (req, _res, next) => {
      req.body ??= {}
      next()
    },
  ]
}
