import type { Request } from 'express'
import type { Config } from '../config.ts'

const hostShape = /^[a-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-f:.]+\](:\d{1,5})?$/i

/** The address that links are made with: `BASE_URL`, or the one by which the visitor reached us. */
export function originOf(req: Request, config: Pick<Config, 'baseUrl' | 'port'>): string {
  if (config.baseUrl !== undefined) return config.baseUrl
  // The Host header is the visitor's word: only what looks like a host goes into a link.
  const host = req.get('host') ?? ''
  return hostShape.test(host) ? `${req.protocol}://${host}` : `http://localhost:${config.port}`
}
