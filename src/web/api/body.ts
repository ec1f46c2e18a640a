import express, { type RequestHandler } from 'express'
import { Refusal } from '../../lib/errors.ts'
import { hasBody } from '../request/has-body.ts'

/** JSON up to 100 kB; no body reads as `{}`. */
export function jsonBody(): RequestHandler[] {
  return [
    (req, _res, next) => {
      if (hasBody(req) && !req.is('application/json'))
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
