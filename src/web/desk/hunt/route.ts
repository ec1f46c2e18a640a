import { Router, type Request } from 'express'
import { registrations } from '../../../core/hunt.ts'
import { announce, liftFreeze, setPause, setRegistration, setWindow } from '../../../game/upkeep/desk.ts'
import { Refusal } from '../../../lib/errors.ts'
import { beginningOf } from '../../../lib/whole-text.ts'
import type { WebDeps } from '../../deps.ts'
import { choice, field, formOf } from '../../request/form.ts'
import { memberOf } from '../../request/guards.ts'
import { fromLocal } from '../../view/local-time.ts'
import { redirectToForm } from '../../request/refused-form.ts'
import { backToDesk } from '../page.ts'

/** The window with its freeze, the pause, who may register, and what is announced. */
export function deskHuntRoutes({ game }: WebDeps): Router {
  const router = Router()
  router.post('/desk/window', async (req, res) => {
    const values = { start: field(req, 'start'), end: field(req, 'end'), freeze: field(req, 'freeze') }
    try {
      const isFromFile = field(req, 'from') === 'file'
      await setWindow(game, memberOf(req).id, isFromFile ? {} : windowFrom(values, game.hunt.timezone))
    } catch (error) {
      const state = formOf(error, {}, values)
      await redirectToForm(game, req, res, '/desk#hunt', { name: 'window', status: 422, state })
      return
    }
    await backToDesk(req, res, 'window-set')
  })
  router.post('/desk/freeze/lift', async (req, res) => {
    await liftFreeze(game, memberOf(req).id)
    await backToDesk(req, res, 'freeze-lifted')
  })
  router.post('/desk/pause', async (req, res) => {
    const paused = field(req, 'paused') === 'yes'
    await setPause(game, memberOf(req).id, paused)
    await backToDesk(req, res, paused ? 'paused' : 'resumed')
  })
  router.post('/desk/registration', async (req, res) => {
    const mode = choice(req, 'registration', registrations)
    await setRegistration(game, memberOf(req).id, mode, textOf(req, 'code', 100) || null)
    await backToDesk(req, res, 'registration-set')
  })
  router.post('/desk/announcement', async (req, res) => {
    const [en, fr] = [textOf(req, 'en', 1000), textOf(req, 'fr', 1000)]
    if (en === '' && fr === '') {
      const state = { values: {}, errors: { form: { code: 'announcement-empty' } } }
      await redirectToForm(game, req, res, '/desk#hunt', { name: 'announcement', status: 422, state })
      return
    }
    await announce(game, memberOf(req).id, { en: en || fr, ...(fr !== '' && { fr }) })
    await backToDesk(req, res, 'announced')
  })
  router.post('/desk/announcement/withdraw', async (req, res) => {
    await announce(game, memberOf(req).id, null)
    await backToDesk(req, res, 'announcement-withdrawn')
  })
  return router
}

function textOf(req: Request, name: string, most: number): string {
  return beginningOf(field(req, name).trim(), most)
}

function windowFrom(values: Record<'start' | 'end' | 'freeze', string>, zone: string) {
  const iso = (name: keyof typeof values) => {
    const at = fromLocal(values[name], zone)
    if (at === undefined)
      throw new Refusal(422, 'window-time', 'Write times as 2027-03-12T18:00, of days that the calendar has.')
    return at?.toISOString() ?? null
  }
  return { start: iso('start'), end: iso('end'), freeze: iso('freeze') }
}
