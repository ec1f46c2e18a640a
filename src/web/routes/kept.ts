import { Router } from 'express'
import { forget } from '../auth/keepsakes.ts'
import type { WebDeps } from '../deps.ts'
import { field } from '../request/form.ts'
import { mustBeMember, ownPath } from '../request/guards.ts'

/** Whoever has noted what is shown once, says so: then it is gone. */
export function keptRoutes({ game }: WebDeps): Router {
  const router = Router()
  router.post('/kept/:id/forget', mustBeMember, async (req, res) => {
    await forget(game, req, String(req.params['id']))
    res.redirect(303, ownPath(field(req, 'back'), '/map'))
  })
  return router
}
