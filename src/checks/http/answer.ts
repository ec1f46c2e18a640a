import { createHash } from 'node:crypto'
import type { Evidence } from '../../core/verdict.ts'
import { measure } from '../../lib/measure.ts'
import type { HttpFacts } from './spec.ts'
import { decodeText } from '../../lib/decode-text.ts'

export const maxText = 64 * 1024
const mostHeaders = 64
const longestHeader = 2000

export interface Heard {
  status: number
  headers: Readonly<Record<string, string>>
  body: Buffer
  complete: boolean
}

export type Content = Pick<
  HttpFacts,
  'reached' | 'trouble' | 'heard' | 'status' | 'headers' | 'text' | 'json' | 'complete'
>

/** The part of the facts that every way of asking gives. Throws `TooLarge` where JSON is nested too deeply. */
export function tellContent({ status, headers, body, complete }: Heard, url: string): Content {
  const encoding = headers['content-encoding'] ?? 'identity'
  const text = encoding === 'identity' ? decodeText(body) : ''
  return {
    reached: true,
    trouble: '',
    heard: { en: `status ${status}`, fr: `statut ${status}` },
    status,
    text,
    complete,
    headers: Object.fromEntries(
      Object.entries(headers)
        .slice(0, mostHeaders)
        .map(([name, value]) => [name.toLowerCase(), value.slice(0, longestHeader)]),
    ),
    json: complete ? parsed(text, url) : null,
  }
}

function parsed(text: string, url: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  measure(url, value)
  return value
}

export function evidenceOf(where: string, { status, body }: Heard): Evidence {
  const digest = createHash('sha256').update(body).digest('hex')
  return { what: 'response', revision: `${status} sha256:${digest}`, where, at: new Date().toISOString() }
}
