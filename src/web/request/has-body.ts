import type { Request } from 'express'

/** Whether a request says that a body comes with it (RFC 9112, section 6.3); one of no bytes is none. */
export function hasBody({ headers }: Pick<Request, 'headers'>): boolean {
  return Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined
}
