import { Router, type ErrorRequestHandler, type Request, type RequestHandler } from 'express'
import type { WebDeps } from '../deps.ts'
import { keep } from '../auth/keepsakes.ts'
import { field } from '../request/form.ts'
import { placeOfForm, type FormPlace } from '../request/form-places.ts'
import { redirectWith } from '../request/flash.ts'
import { loginPath, ownPath } from '../request/guards.ts'
import { originOf } from '../request/origin.ts'
import { withForm } from '../request/refused-form.ts'
import type { Csrf } from './csrf.ts'
import type { Limits } from './limits.ts'

/**
 * A form whose token is not this log-in’s, but that came from a page of ours: of before a log-in in another tab, or of a log-in
 * that has ended meanwhile. Nothing is done; the page comes again with what was typed, and says so. From elsewhere it is refused.
 */
export function outdatedForms(
  { game }: Pick<WebDeps, 'game'>,
  csrf: Csrf,
  limits: Pick<Limits, 'address'>,
): ErrorRequestHandler {
  return async (error: unknown, req, res, next) => {
    const place = placeOfForm(req.path)
    const isOutdated = (error as { code?: unknown } | null)?.code === 'EBADCSRFTOKEN'
    if (!isOutdated || !place || !isOurs(req, csrf, originOf(req, game.config))) {
      next(error)
      return
    }
    // What is typed is kept: nobody keeps without end.
    await new Promise<void>((resolve, reject) => {
      void limits.address(req, res, (refused?: Error | string) =>
        refused instanceof Error ? reject(refused) : resolve(),
      )
    })
    if (place.entry && req.user) {
      const then = req.path === '/join' ? '/welcome' : ownPath(field(req, 'next'), '') || '/map'
      const values = { name: req.user.name }
      await redirectWith(req, res, then, { kind: 'info', code: 'already-in', values })
      return
    }
    const back = await pageAgain(place, req)
    if (req.user || !needsLogIn(req.path)) {
      await redirectWith(req, res, back, { kind: 'error', code: 'form-outdated' })
      return
    }
    await redirectWith(req, res, loginPath(back), { kind: 'error', code: 'session-ended' })
  }

  async function pageAgain({ page, name, keeps = [] }: FormPlace, req: Request): Promise<string> {
    const typed = keeps.map((one) => [one, field(req, one).slice(0, 2000)] as const)
    const values = Object.fromEntries(typed.filter(([, value]) => value !== ''))
    if (name === undefined || Object.keys(values).length === 0) return page
    return withForm(page, await keep(game, req, 'form', { name, status: 200, state: { values, errors: {} } }))
  }
}

/** Whoever asks for the address of a form, as browsers do that open a tab again, is led to its page. */
export function formAddresses(): Router {
  const router = Router()
  const lead: RequestHandler = (req, res, next) => {
    const place = placeOfForm(req.path)
    if (place && place.page !== req.path) res.redirect(303, place.page)
    else next()
  }
  router.get('/{*path}', lead)
  return router
}

function needsLogIn(path: string): boolean {
  return /^\/(me|hunt|workspace|desk|kept)\//.test(path)
}

/** By where the browser says that it comes from; where it says nothing, by a token that only our pages hold. */
function isOurs(req: Request, csrf: Csrf, origin: string): boolean {
  const [site, from] = [req.get('sec-fetch-site'), req.get('origin')]
  if (site !== undefined && site !== 'none') return site === 'same-origin'
  if (from !== undefined) return [req.host, hostOf(origin)].includes(hostOf(from))
  return csrf.isKnown(req)
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}
