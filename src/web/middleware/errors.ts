import type { ErrorRequestHandler, RequestHandler } from 'express'
import { Refusal } from '../../lib/errors.ts'
import type { WebDeps } from '../deps.ts'
import { errorAnswer } from '../request/error-answer.ts'
import { languageOf } from '../request/language.ts'
import type { Shell } from '../models/shell.ts'
import { stageRef } from '../present/stage.ts'
import { frameOf, hasShell, shellOf } from './shell.ts'

export const notFound: RequestHandler = (_req, _res, next) => {
  next(new Refusal(404, 'not-found', 'There is no such page.'))
}

/** The last stop of a page: an error page that says what to do, with the request's id. */
export function pageErrors({ game, views }: WebDeps): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.headersSent) {
      next(error)
      return
    }
    const { status, code, detail, retryAfter, extra } = errorAnswer(error)
    const requestId = String(res.getHeader('X-Request-Id') ?? '')
    if (status >= 500) game.log.error({ err: error, requestId }, 'a request failed')
    if (retryAfter !== undefined) res.set('Retry-After', String(retryAfter))
    const language = languageOf(req, game.hunt.languages)
    const shell: Shell = hasShell(res)
      ? shellOf(res)
      : { ...frameOf(game, language), reader: 'anyone', csrf: '', path: req.originalUrl, flash: null }
    const missing = Array.isArray(extra?.['missing']) ? (extra['missing'] as string[]) : []
    const page = {
      status,
      code,
      detail: detail ?? null,
      requestId,
      retryAfter: retryAfter ?? null,
      values: extra ?? {},
      missing: game.hunt.challenges
        .filter((one) => missing.includes(one.id))
        .map((one) => stageRef(one, shell.language)),
      back: code === 'form-expired' ? backOf(req.get('referer')) : null,
      shell,
    }
    res
      .status(status)
      .type('html')
      .set('Cache-Control', 'no-store')
      .send(views.page('error', page, shell.language))
  }
}

/** The path of the page that the form stood on. */
function backOf(referer: string | undefined): string | null {
  try {
    return referer === undefined ? null : new URL(referer).pathname
  } catch {
    return null
  }
}
