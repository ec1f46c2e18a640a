import { STATUS_CODES } from 'node:http'
import type { ErrorRequestHandler, Response } from 'express'
import { z } from 'zod'
import type { Game } from '../../game/game.ts'
import { Refusal } from '../../lib/errors.ts'
import { errorAnswer } from '../request/error-answer.ts'

/** RFC 9457. Members beside these belong to the code, such as `missing` of `locked`. */
export const problem = z
  .looseObject({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.string().meta({ description: 'Stable, for scripts.' }),
    requestId: z
      .string()
      .optional()
      .meta({ description: 'Tell it to the organizers when you report a fault.' }),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'With the code `invalid`: every field that is wrong.' }),
  })
  .meta({ id: 'Problem' })

const details: Record<string, string> = {
  'entity.parse.failed': 'The body is not JSON.',
  'entity.too.large': 'The body may have at most 100 kB.',
  'encoding.unsupported': 'This Content-Encoding is not read here. Send the body as it is, or by gzip.',
  'charset.unsupported': 'Send JSON in UTF-8.',
  unavailable: 'We cannot do this just now. It is on our side: try again.',
  'no-room':
    'The disk of the server is full or cannot be written. It is on our side: the organizers have to make room.',
  'database-away': 'The database does not answer. It is on our side: try again.',
  internal: 'Something went wrong on our side. The organizers find it in their log by the requestId.',
}

/** Answers every error of the API as `application/problem+json`, without our internals. */
export function problems(game: Pick<Game, 'log'>): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    const requestId = idOf(res)
    if (res.headersSent) {
      game.log.warn({ err: error, requestId }, 'an answer broke off')
      next(error)
      return
    }
    const answer = errorAnswer(error)
    const { status, code, extra, retryAfter } = answer
    if (status >= 500) game.log.error({ err: error, requestId }, 'a request could not be answered')
    const { type } = (error ?? {}) as { type?: unknown }
    const detail = answer.detail ?? details[String(type)] ?? details[code]
    if (retryAfter !== undefined) res.setHeader('Retry-After', retryAfter)
    if (status === 401) res.setHeader('WWW-Authenticate', 'Bearer realm="shambhala"')
    res.setHeader('Cache-Control', 'no-store')
    res
      .status(status)
      .type('application/problem+json')
      .send(
        JSON.stringify({
          ...extra,
          type: 'about:blank',
          title: STATUS_CODES[status] ?? 'Error',
          status,
          ...(detail !== undefined && { detail }),
          code,
          ...(requestId !== undefined && { requestId }),
        }),
      )
  }
}

function idOf(res: Response): string | undefined {
  const id = res.getHeader('X-Request-Id')
  return typeof id === 'string' ? id : undefined
}

/** What a schema made of a part of the request, or a refusal that lists every field that is wrong. */
export function parsed<T>(schema: z.ZodType<T>, given: unknown): T {
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const errors = result.error.issues.slice(0, 20).map((issue) => ({
    field: issue.path.map(String).join('.').slice(0, 100),
    message: issue.message.slice(0, 300),
  }))
  const said = errors.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`))
  throw new Refusal(422, 'invalid', said.join('; '), { errors })
}
