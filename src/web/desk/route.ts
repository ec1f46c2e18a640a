import { Router, type Request, type Response } from 'express'
import { z } from 'zod'
import { memberOfPlayer } from '../../db/members.ts'
import { playerBySlug } from '../../db/players.ts'
import { listSubmissions, submissionById } from '../../db/submissions.ts'
import {
  announce,
  liftFreeze,
  setHidden,
  setPause,
  setRegistration,
  setWindow,
} from '../../game/upkeep/desk.ts'
import { makePasswordLink } from '../../game/people/passwords.ts'
import { Refusal } from '../../lib/errors.ts'
import type { WebDeps } from '../deps.ts'
import { redirectWith } from '../request/flash.ts'
import { emptyForm, field, formOf } from '../request/form.ts'
import { memberOf, mustOrganize } from '../request/guards.ts'
import { fromLocal } from '../view/local-time.ts'
import type { DeskPage } from './model.ts'
import type { FormState } from '../models/shell.ts'
import { shellOf, show } from '../middleware/shell.ts'
import { originOf } from '../request/origin.ts'
import { deskPage } from './present.ts'
import { submissionModel } from '../present/submission.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const linkHours = 24

/** The organizer's desk, one page; every change answers with a redirect to it, but for a link that is shown once. */
export function deskRoutes({ game }: WebDeps): Router {
  const router = Router()
  router.use('/desk', mustOrganize)

  const desk = async (
    req: Request,
    res: Response,
    extras: { resetLink?: DeskPage['resetLink']; form?: FormState } = {},
    status = 200,
  ) => {
    const { language } = shellOf(res)
    show(
      res,
      'desk',
      await deskPage(game, req.query, language, { resetLink: null, form: emptyForm, ...extras }),
      status,
    )
  }
  const back = (req: Request, res: Response, code: string, anchor = '') =>
    redirectWith(req, res, `/desk${anchor}`, { kind: 'success', code })

  router.get('/desk', (req, res) => desk(req, res))
  router.post('/desk/window', async (req, res) => {
    const values = { start: field(req, 'start'), end: field(req, 'end'), freeze: field(req, 'freeze') }
    try {
      await setWindow(
        game,
        memberOf(req).id,
        field(req, 'from') === 'file' ? {} : windowFrom(values, game.hunt.timezone),
      )
    } catch (error) {
      await desk(req, res, { form: formOf(error, {}, values) }, 422)
      return
    }
    await back(req, res, 'window-set')
  })
  router.post('/desk/freeze/lift', async (req, res) => {
    await liftFreeze(game, memberOf(req).id)
    await back(req, res, 'freeze-lifted')
  })
  router.post('/desk/pause', async (req, res) => {
    const paused = field(req, 'paused') === 'yes'
    await setPause(game, memberOf(req).id, paused)
    await back(req, res, paused ? 'paused' : 'resumed')
  })
  router.post('/desk/registration', async (req, res) => {
    const mode = z.enum(['open', 'code', 'closed']).parse(field(req, 'registration'))
    await setRegistration(game, memberOf(req).id, mode, field(req, 'code').trim().slice(0, 100) || null)
    await back(req, res, 'registration-set')
  })
  router.post('/desk/announcement', async (req, res) => {
    const [en, fr] = [field(req, 'en').trim().slice(0, 1000), field(req, 'fr').trim().slice(0, 1000)]
    if (en === '' && fr === '') throw new Refusal(422, 'announcement-empty', 'Write the announcement first.')
    await announce(game, memberOf(req).id, { en: en || fr, ...(fr !== '' && { fr }) })
    await back(req, res, 'announced')
  })
  router.post('/desk/announcement/withdraw', async (req, res) => {
    await announce(game, memberOf(req).id, null)
    await back(req, res, 'announcement-withdrawn')
  })
  router.post('/desk/players/:slug/link', async (req, res) => {
    const player = await playerBySlug(game.sql, req.params['slug'])
    const member = player && (await memberOfPlayer(game.sql, player.id))
    if (!member) throw new Refusal(404, 'no-player', 'There is no such player.')
    const token = await makePasswordLink(game, member.id, memberOf(req).id)
    const url = `${originOf(req, game.config)}/reset/${token}`
    await desk(req, res, {
      resetLink: { name: member.name, url, expiresAt: new Date(Date.now() + linkHours * 3_600_000) },
    })
  })
  for (const [verb, hidden] of [
    ['hide', true],
    ['restore', false],
  ] as const) {
    router.post(`/desk/players/:slug/${verb}`, async (req, res) => {
      await setHidden(game, memberOf(req).id, req.params['slug'], hidden)
      await back(req, res, hidden ? 'player-hidden' : 'player-restored', '#players')
    })
  }
  router.get('/desk/submissions/:id', async (req, res) => {
    const id = req.params['id']
    const row = uuid.test(id) ? await submissionById(game.sql, id) : undefined
    if (!row) throw new Refusal(404, 'no-submission', 'There is no such submission.')
    const [listed] = await listSubmissions(game.sql, { playerId: row.playerId, limit: 1 })
    const submission = await submissionModel(game, row, shellOf(res).language, { links: false })
    show(res, 'desk-submission', {
      submission: {
        ...submission,
        slug: listed?.slug ?? '',
        name: listed?.playerName ?? null,
        finishedAt: row.finishedAt,
      },
    })
  })
  return router
}

function windowFrom(values: Record<'start' | 'end' | 'freeze', string>, zone: string) {
  const iso = (name: keyof typeof values) => {
    const at = fromLocal(values[name], zone)
    if (at === undefined) throw new Refusal(422, 'window-time', 'Write times as 2027-03-12T18:00.')
    return at?.toISOString() ?? null
  }
  return { start: iso('start'), end: iso('end'), freeze: iso('freeze') }
}
