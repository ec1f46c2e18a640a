import { Router } from 'express'
import { pasted } from '../../core/pasted.ts'
import { memberById } from '../../db/members.ts'
import { claimOrganizer, organizerLinkIsGood } from '../../game/people/organizers.ts'
import { Refusal } from '../../lib/errors.ts'
import type { WebDeps } from '../deps.ts'
import { logIn } from '../auth/log-in.ts'
import type { Limits } from '../middleware/limits.ts'
import { show } from '../middleware/shell.ts'

/** The organizer's one-time link. Looking at it uses nothing up, since programs look at links too; the button does. */
export function organizerRoutes({ game }: WebDeps, limits: Limits): Router {
  const router = Router()
  router.get('/organizer/:token', limits.address, async (req, res) => {
    const token = pasted(String(req.params['token']))
    if (!(await organizerLinkIsGood(game, token))) {
      if (req.user?.role === 'organizer') {
        res.redirect(303, '/desk')
        return
      }
      throw new Refusal(
        410,
        'organizer-link-used',
        'This link was used or has expired. The server prints a new one when it starts.',
      )
    }
    show(res, 'organizer', { token })
  })
  router.post('/organizer/:token', async (req, res) => {
    const member = await memberById(game.sql, await claimOrganizer(game, pasted(req.params['token'])))
    if (member) await logIn(req, member)
    res.redirect(303, '/desk')
  })
  return router
}
