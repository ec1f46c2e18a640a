import type { Request, RequestHandler, Response } from 'express'
import { pick } from '../../core/text.ts'
import type { Csrf } from './csrf.ts'
import type { WebDeps } from '../deps.ts'
import { languageOf } from '../request/language.ts'
import { huntState } from '../request/hunt-state.ts'
import type { Pages, Partials } from '../models/pages.ts'
import type { HuntClock, Reader, Shell } from '../models/shell.ts'
import type { Views } from '../view/view.ts'

declare module 'express-session' {
  interface SessionData {
    flash?: NonNullable<Shell['flash']>
  }
}

interface Frame {
  shell: Shell
  views: Views
}

/** What every page behind the log-in is framed by. */
export function setUpShell({ game, views }: WebDeps, csrf: Csrf): RequestHandler {
  return (req, res, next) => {
    const { flash = lacksCookies(req) ? ({ kind: 'error', code: 'no-cookies' } as const) : null } =
      req.session
    delete req.session.flash
    const language = languageOf(req, game.hunt.languages)
    const member = req.user
    const reader: Reader = member
      ? { name: member.name, slug: member.slug, organizer: member.role === 'organizer' }
      : 'visitor'
    const shell = { ...frameOf(game, language), reader, csrf: csrf.token(req), path: req.originalUrl, flash }
    res.locals['frame'] = { shell, views } satisfies Frame
    res.set('Cache-Control', 'no-store')
    next()
  }
}

/** Whoever is led back to a form was sent a cookie with it: a browser that comes without any keeps none. */
function lacksCookies(req: Request): boolean {
  return typeof req.query['form'] === 'string' && !req.get('cookie')
}

/** The part of the frame that is the same for everybody who reads in a language. */
export function frameOf(
  game: WebDeps['game'],
  language: Shell['language'],
): Omit<Shell, 'reader' | 'csrf' | 'path' | 'flash'> {
  const { announcement } = game.settings
  return {
    huntName: pick(game.hunt.name, language),
    language,
    languages: game.hunt.languages,
    now: new Date(),
    clock: clockOf(game),
    announcement: announcement
      ? { id: announcement.id, text: pick(announcement.text, language), at: announcement.createdAt }
      : null,
    since: game.bus.position,
    hunt: JSON.stringify(huntState(game.settings)),
  }
}

function clockOf({ settings, hunt }: WebDeps['game']): HuntClock {
  return {
    phase: settings.phase(),
    ...settings.window,
    frozen: settings.frozen(),
    paused: settings.paused,
    timezone: hunt.timezone,
  }
}

export function shellOf(res: Response): Shell {
  return (res.locals['frame'] as Frame).shell
}

export function hasShell(res: Response): boolean {
  return 'frame' in res.locals
}

/** Answers with a page. */
export function show<Name extends keyof Pages>(
  res: Response,
  name: Name,
  model: Pages[Name],
  status = 200,
): void {
  const { shell, views } = res.locals['frame'] as Frame
  res
    .status(status)
    .type('html')
    .send(views.page(name, { ...model, shell }, shell.language))
}

/** Answers with a fragment alone. */
export function showPartial<Name extends keyof Partials>(
  res: Response,
  name: Name,
  model: Partials[Name],
): void {
  const { shell, views } = res.locals['frame'] as Frame
  res.type('html').send(views.partial(name, { ...model, shell }, shell.language))
}
