import { Inconclusive } from '../../lib/errors.ts'

/** What the API server refused: its HTTP status and the words of its `Status` object. */
export class ApiFailure extends Error {
  override name = 'ApiFailure'
  constructor(
    readonly status: number,
    /** Such as `NotFound`, `AlreadyExists`, `Conflict`, `Forbidden`, `Invalid`; empty where none was given. */
    readonly reason: string,
    message: string,
  ) {
    super(message)
  }
}

const longest = 2000

/**
 * The one place that decides about blame: an answer that says something of the request is an `ApiFailure`; a server that is
 * overloaded, broken or refuses our own credential is `Inconclusive`.
 */
export function failureOf(status: number, body: string): ApiFailure | Inconclusive {
  const { reason, message } = readStatus(body)
  const text = (message || body || `HTTP ${status}`).slice(0, longest)
  if (status === 401 || status === 408 || status === 429 || status >= 500)
    return new Inconclusive(`the API server answered ${status}: ${text}`)
  return new ApiFailure(status, reason, text)
}

function readStatus(body: string): { reason: string; message: string } {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed !== 'object' || parsed === null) return { reason: '', message: '' }
    const { reason, message } = parsed as { reason?: unknown; message?: unknown }
    return {
      reason: typeof reason === 'string' ? reason : '',
      message: typeof message === 'string' ? message : '',
    }
  } catch {
    return { reason: '', message: '' }
  }
}

export function isAbsent(error: unknown): boolean {
  return error instanceof ApiFailure && error.status === 404
}
