import type { RequestHandler } from 'express'

/** Cuts off whoever sends the body of a form or a call, 100 kB at most, for longer than that. */
export function cutSlowBodies(seconds = 60): RequestHandler {
  return (req, _res, next) => {
    if (!req.complete) {
      const cut = setTimeout(() => req.destroy(), seconds * 1000)
      req.once('end', () => clearTimeout(cut)).once('close', () => clearTimeout(cut))
    }
    next()
  }
}
