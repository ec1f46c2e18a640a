import type { Application, Request, RequestHandler, Response } from 'express'
import { deriveKey } from '../../lib/secrets.ts'

/** What a server calls its cookies. Browsers tell ports apart by nothing else: two servers on one host must not share a name. */
export interface CookieNames {
  session: string
  form: string
  language: string
}

const setting = 'cookie names'

/** Names of this server's own, known to every request of the app. */
export function nameCookies(app: Application, secret: string): CookieNames {
  const own = deriveKey(secret, 'cookie names').toString('hex').slice(0, 8)
  const names = {
    session: `shambhala-${own}`,
    form: `shambhala-form-${own}`,
    language: `language-${own}`,
  }
  app.set(setting, names)
  return names
}

export function cookieNamesOf({ app }: Request | Response): CookieNames {
  return app.get(setting) as CookieNames
}

/** The parser takes `j:…` for JSON; ours are texts, and whatever else somebody sends is none of them. */
export function plainCookies(): RequestHandler {
  return (req, _res, next) => {
    const texts = Object.entries(req.cookies as Record<string, unknown>).filter(
      ([, value]) => typeof value === 'string',
    )
    req.cookies = Object.assign(Object.create(null) as object, Object.fromEntries(texts))
    next()
  }
}

/** Over TLS a browser takes such a cookie from this very host alone, never from a neighbour below the same domain. */
export function hostOnly(name: string): string {
  return `__Host-${name}`
}
