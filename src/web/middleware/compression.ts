import compression from 'compression'
import type { RequestHandler } from 'express'

/** Compresses pages; never an event stream, whose lines must leave at once. */
export function setUpCompression(): RequestHandler {
  return compression({
    filter: (req, res) =>
      !/event-stream/.test(String(res.getHeader('Content-Type'))) && compression.filter(req, res),
  })
}
