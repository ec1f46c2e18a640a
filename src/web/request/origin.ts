import type { Request } from 'express'
import type { Config } from '../../config.ts'

const hostShape = /^[a-z0-9._-]+(:\d{1,5})?$|^\[[0-9a-f:.]+\](:\d{1,5})?$/i

/** The address that links are made with: `BASE_URL`, or the one by which the visitor reached us. */
export function originOf(req: Request, config: Pick<Config, 'baseUrl' | 'port'>): string {
  if (config.baseUrl !== undefined) return config.baseUrl
  // The visitor's word, or that of a proxy which is trusted: only what looks like a host goes into a link. HTTP/1.0 has none.
  const host = (req.host as string | undefined) ?? ''
  return hostShape.test(host) ? `${req.protocol}://${host}` : `http://localhost:${config.port}`
}
