import { timingSafeEqual } from 'node:crypto'
import type { Request, RequestHandler } from 'express'
import type { Config } from '../../config.ts'
import { sha256 } from '../../lib/secrets.ts'
import { countGuesses } from './guesses.ts'

type Settings = Pick<
  Config,
  'metricsToken' | 'trustProxy' | 'baseUrl' | 'limitAccountPerMinute' | 'limitAddressPerMinute'
>

/**
 * Lets through whoever has the token, and who asks on this machine itself. A proxy on this machine asks for the whole world: where
 * anything says that there is one, the token alone counts.
 */
export function guardMetrics(config: Settings): RequestHandler {
  const { metricsToken } = config
  const isBehindProxy =
    config.trustProxy !== false ||
    (config.baseUrl !== undefined && !isLoopbackName(new URL(config.baseUrl).host))
  const guesses = countGuesses(config)
  return (req, res, next) => {
    const [, given] = /^Bearer +(\S{1,500})$/i.exec(req.get('authorization') ?? '') ?? []
    if (given !== undefined && metricsToken !== undefined && isSame(given, metricsToken)) next()
    else if (given === undefined && !isBehindProxy && asksHere(req)) next()
    else {
      if (given !== undefined) guesses.wrongToken(req, 'metrics')
      res
        .status(metricsToken === undefined ? 403 : 401)
        .set('WWW-Authenticate', 'Bearer realm="metrics"')
        .set('Cache-Control', 'no-store')
        .type('text')
        .send(
          'Metrics are for this machine alone, and for whoever sends METRICS_TOKEN as "Authorization: Bearer …".\n',
        )
    }
  }
}

const forwarding = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
]

function asksHere(req: Request): boolean {
  return (
    isLoopbackAddress(req.socket.remoteAddress ?? '') &&
    isLoopbackName(req.get('host') ?? '') &&
    forwarding.every((name) => req.get(name) === undefined) &&
    // As Nginx asks where nobody has configured it otherwise, without any of the headers above.
    req.httpVersion !== '1.0'
  )
}

function isLoopbackAddress(address: string): boolean {
  return /^(::ffff:)?127\.|^::1$/.test(address)
}

function isLoopbackName(host: string): boolean {
  return /^(localhost|127\.[0-9.]+|\[::1\])(:\d+)?$/i.test(host)
}

function isSame(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b))
}
