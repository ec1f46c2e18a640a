import { Router, type Request, type Response } from 'express'
import { pasted } from '../../core/pasted.ts'
import { findLink } from '../../db/links.ts'
import { memberById } from '../../db/members.ts'
import { resetPassword } from '../../game/people/passwords.ts'
import { Refusal } from '../../lib/errors.ts'
import { sha256 } from '../../lib/secrets.ts'
import type { WebDeps } from '../deps.ts'
import { field, formOf } from '../request/form.ts'
import { logIn } from '../auth/log-in.ts'
import { redirectToForm, refusedForm, stateOf, statusOf } from '../request/refused-form.ts'
import type { Limits } from '../middleware/limits.ts'
import { show } from '../middleware/shell.ts'

/** A new password by a one-time link from the organizers. */
export function resetRoutes({ game }: WebDeps, limits: Limits): Router {
  const router = Router()
  const page = async (req: Request, res: Response) => {
    const token = pasted(String(req.params['token']))
    const link = await findLink(game.sql, sha256(token), 'password')
    const member = link?.memberId ? await memberById(game.sql, link.memberId) : undefined
    if (!member)
      throw new Refusal(
        410,
        'link-used',
        'This link was used or has expired. Ask the organizers for a new one.',
      )
    const refused = await refusedForm(game, req)
    const form = stateOf(refused, 'reset')
    show(res, 'reset', { token, name: member.name, form }, statusOf(refused))
  }
  router.get('/reset/:token', limits.address, page)
  router.post('/reset/:token', async (req, res) => {
    try {
      const memberId = await resetPassword(game, pasted(req.params['token']), field(req, 'password'))
      const member = await memberById(game.sql, memberId)
      if (member) await logIn(req, member)
      res.redirect(303, '/map')
    } catch (error) {
      if (error instanceof Refusal && error.code === 'link-used') throw error
      const state = formOf(error, { password: ['password'] }, {})
      await redirectToForm(game, req, res, req.path, { name: 'reset', status: 422, state })
    }
  })
  return router
}
