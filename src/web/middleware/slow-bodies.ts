import type { RequestHandler } from 'express'
import { hasBody } from '../request/has-body.ts'

/** Cuts off whoever sends the body of a form or a call, 100 kB at most, for longer than that. */
export function cutSlowBodies(seconds = 60): RequestHandler {
  return (req, _res, next) => {
    // Of a request without a body nobody reads the end: what answers for long, as an event stream does, would be cut off.
    if (!req.complete && hasBody(req)) {
      const cut = setTimeout(() => req.destroy(), seconds * 1000)
      req.once('end', () => clearTimeout(cut)).once('close', () => clearTimeout(cut))
    }
    next()
  }
}
