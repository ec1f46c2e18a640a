import { Router } from 'express'
import { memberForLink } from '../../../game/people/members.ts'
import { makePasswordLink } from '../../../game/people/passwords.ts'
import { setHidden } from '../../../game/upkeep/desk.ts'
import { forget, keep, kept } from '../../auth/keepsakes.ts'
import type { WebDeps } from '../../deps.ts'
import { field } from '../../request/form.ts'
import { memberOf } from '../../request/guards.ts'
import { originOf } from '../../request/origin.ts'
import { backToDesk } from '../page.ts'

/** What can be done about one player. */
export function deskPlayerRoutes({ game }: WebDeps): Router {
  const router = Router()
  router.post('/desk/players/:slug/link', async (req, res) => {
    const member = await memberForLink(game, req.params.slug, field(req, 'member') || undefined)
    const { token, expiresAt } = await makePasswordLink(game, member.id, memberOf(req).id)
    const url = `${originOf(req, game.config)}/reset/${token}`
    // A new link takes the place of the older ones, which open nothing any more.
    for (const one of await kept(game, req, 'link'))
      if (one.memberId === member.id) await forget(game, req, one.id)
    const link = { name: member.name, url, expiresAt: expiresAt.toISOString(), memberId: member.id }
    await keep(game, req, 'link', link)
    res.redirect(303, '/desk')
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
