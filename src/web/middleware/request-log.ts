import { randomUUID } from 'node:crypto'
import { pinoHttp } from 'pino-http'
import type { RequestHandler } from 'express'
import type { Log } from '../../lib/log.ts'
import type { Metrics } from '../metrics.ts'

/** One line a request, with an id that error pages show; addresses that hold a one-time token are cut. */
export function setUpRequestLog(log: Log, metrics: Metrics): RequestHandler {
  const logger = pinoHttp({
    logger: log,
    genReqId: (_, res) => {
      const id = randomUUID()
      res.setHeader('X-Request-Id', id)
      return id
    },
    serializers: {
      req: (req: { id: string; method: string; url: string }) => ({
        id: req.id,
        method: req.method,
        url: cut(req.url),
      }),
      res: (res: { statusCode: number }) => ({ statusCode: res.statusCode }),
    },
    customLogLevel: (_, res, error) => (error || res.statusCode >= 500 ? 'error' : 'debug'),
    wrapSerializers: true,
  })
  return (req, res, next) => {
    const start = process.hrtime.bigint()
    res.once('finish', () => {
      metrics.request(req.method, res.statusCode, Number(process.hrtime.bigint() - start) / 1e9)
    })
    logger(req, res)
    next()
  }
}

function cut(url: string): string {
  return url.replace(/^\/(reset|organizer)\/[^/?]+/, '/$1/…')
}
