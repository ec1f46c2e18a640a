import type { IncomingMessage } from 'node:http'
import auth from 'basic-auth'

/** Name and password of `Authorization: Basic`. Line ends within, as a file or a clipboard brings them, count for nothing. */
export function basicIn({
  headers: { authorization = '' },
}: Pick<IncomingMessage, 'headers'>): auth.BasicAuthResult | undefined {
  const [, encoded = ''] = /^ *basic +(\S+) *$/i.exec(authorization) ?? []
  const text = Buffer.from(encoded, 'base64')
    .toString()
    .replace(/[\r\n]/g, '')
  return auth.parse(`Basic ${Buffer.from(text).toString('base64')}`)
}
