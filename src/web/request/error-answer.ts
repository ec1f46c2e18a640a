import { isDiskAway } from '../../lib/disk.ts'
import { Inconclusive, Refusal } from '../../lib/errors.ts'

/** What an answer says of an error: a status, and a code that selects its text. */
export interface ErrorAnswer {
  status: number
  code: string
  /** For a person, in English; absent where the error is ours and its text is not for them. */
  detail?: string
  /** Seconds. */
  retryAfter?: number
  extra?: Record<string, unknown>
}

// The driver's codes for a connection that is gone, the system's for a server that is, PostgreSQL's for one that stops or starts.
const databaseAway = new Set(
  'CONNECTION_CLOSED CONNECTION_ENDED CONNECTION_DESTROYED CONNECT_TIMEOUT ECONNREFUSED ECONNRESET EPIPE 57P01 57P02 57P03'.split(
    ' ',
  ),
)

/** One mapping for pages and API: what is ours reads as ours, and says when to try again. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof Refusal) {
    const { retryAfter, ...extra } = error.extra
    const seconds = typeof retryAfter === 'number' ? { retryAfter } : {}
    return { status: error.status, code: error.code, detail: error.message, ...seconds, extra }
  }
  if (error instanceof Inconclusive) return { status: 503, code: 'unavailable', retryAfter: 5 }
  const { code, status, type } = (error ?? {}) as { code?: unknown; status?: unknown; type?: unknown }
  if (code === 'EBADCSRFTOKEN') return { status: 403, code: 'form-expired' }
  if (typeof code === 'string' && databaseAway.has(code))
    return { status: 503, code: 'database-away', retryAfter: 5 }
  if (isDiskAway(error)) return { status: 503, code: 'no-room', retryAfter: 30 }
  // What the router cannot decode, such as `%E0%A4%A`.
  if (error instanceof URIError)
    return {
      status: 400,
      code: 'address-broken',
      detail: 'The address cannot be decoded: a % in it stands for nothing.',
    }
  if (type === 'entity.too.large') return { status: 413, code: 'too-large' }
  if (typeof status === 'number' && status >= 400 && status < 500) return { status, code: 'bad-request' }
  return { status: 500, code: 'internal' }
}
