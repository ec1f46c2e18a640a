import type { Request, RequestHandler } from 'express'
import { ipKeyGenerator, rateLimit } from 'express-rate-limit'
import type { Config } from '../../config.ts'
import { Refusal } from '../../lib/errors.ts'

/** Counted in this process, in windows of a minute; whoever is over one gets the `Refusal` 429 `too-many`. */
export interface Limits {
  /** Log-ins, registrations and one-time links: by address, generously, since a whole room may share one. */
  address: RequestHandler
  /** Submissions by button or API: by account. */
  submissions: RequestHandler
  /** Whatever else makes or removes something, or takes all away: by account. */
  changes: RequestHandler
}

type Numbers = Pick<Config, 'limitAddressPerMinute' | 'limitSubmissionsPerMinute'>

export function setUpLimits(config: Numbers): Limits {
  return {
    address: limit('address', config.limitAddressPerMinute, addressOf),
    submissions: limit('submissions', config.limitSubmissionsPerMinute, memberOf),
    changes: limit('changes', config.limitSubmissionsPerMinute, memberOf),
  }
}

/** What a form is bound by. Any other is a change: a new form has its limit before anybody thinks of one. */
const forms: readonly [RegExp, keyof Limits | null][] = [
  [/^\/(login|join|reset\/.*|organizer\/.*)$/, 'address'],
  [/^\/hunt\/[^/]+\/check$/, 'submissions'],
  // Nobody is kept from logging out, and organizers are trusted.
  [/^\/(logout|desk(\/.*)?)$/, null],
]

/** Bounds every form of the pages, by the table above; the API's calls say each their own. */
export function limitForms(limits: Limits): RequestHandler {
  return (req, res, next) => {
    const [, by] = forms.find(([path]) => path.test(req.path)) ?? [null, 'changes' as const]
    if (by === null || req.method === 'GET' || req.method === 'HEAD') next()
    else void limits[by](req, res, next)
  }
}

/** A network of IPv6 counts as one address: its owner has 2^72 of them. */
export function addressOf(req: Request): string {
  return ipKeyGenerator(req.ip ?? '')
}

function memberOf(req: Request): string {
  return req.user ? `member ${req.user.id}` : addressOf(req)
}

function limit(
  identifier: string,
  perMinute: number,
  keyGenerator: (req: Request) => string,
): RequestHandler {
  return rateLimit({
    identifier,
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // What it remarks on is the operator's choice (TRUST_PROXY), and it remarks past the log.
    validate: false,
    keyGenerator,
    handler: (req, _res, next) => {
      const { resetTime } = (req as Request & { rateLimit: { resetTime?: Date } }).rateLimit
      const seconds = Math.max(1, Math.ceil(((resetTime?.getTime() ?? Date.now()) - Date.now()) / 1000))
      next(
        new Refusal(429, 'too-many', `That was often within a minute. Try again in ${seconds} s.`, {
          retryAfter: seconds,
        }),
      )
    },
  })
}
