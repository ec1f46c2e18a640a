import { Router } from 'express'
import { memberForLink } from '../../../game/people/members.ts'
import { makePasswordLink } from '../../../game/people/passwords.ts'
import { setHidden } from '../../../game/upkeep/desk.ts'
import type { WebDeps } from '../../deps.ts'
import { field } from '../../request/form.ts'
import { memberOf } from '../../request/guards.ts'
import { originOf } from '../../request/origin.ts'
import { backToDesk, showDesk } from '../page.ts'

/** What can be done about one player. */
export function deskPlayerRoutes({ game }: WebDeps): Router {
  const router = Router()
  router.post('/desk/players/:slug/link', async (req, res) => {
    const member = await memberForLink(game, req.params.slug, field(req, 'member') || undefined)
    const { token, expiresAt } = await makePasswordLink(game, member.id, memberOf(req).id)
    const url = `${originOf(req, game.config)}/reset/${token}`
    await showDesk(game, req, res, { resetLink: { name: member.name, url, expiresAt } })
  })
  router.post('/desk/players/:slug/hide', async (req, res) => {
    await setHidden(game, memberOf(req).id, req.params.slug, true)
    await backToDesk(req, res, 'player-hidden', '#players')
  })
  router.post('/desk/players/:slug/restore', async (req, res) => {
    await setHidden(game, memberOf(req).id, req.params.slug, false)
    await backToDesk(req, res, 'player-restored', '#players')
  })
  return router
}
