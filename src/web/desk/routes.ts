import { Router } from 'express'
import type { WebDeps } from '../deps.ts'
import { mustOrganize } from '../request/guards.ts'
import { deskHuntRoutes } from './hunt/route.ts'
import { showDesk } from './page.ts'
import { deskPlayerRoutes } from './players/route.ts'
import { deskSubmissionRoutes } from './submissions/route.ts'
import { deskWorkspaceRoutes } from './workspaces/route.ts'

/** A page more is a folder beside these, a line here, one in `DeskPages`, its template with a link to it in `desk-nav`, and its texts. */
const rooms: readonly ((deps: WebDeps) => Router)[] = [
  deskHuntRoutes,
  deskPlayerRoutes,
  deskSubmissionRoutes,
  deskWorkspaceRoutes,
]

/** The organizers' desk. Every change answers with a redirect to a page of it. */
export function deskRoutes(deps: WebDeps): Router {
  const router = Router()
  router.use('/desk', mustOrganize)
  router.get('/desk', (req, res) => showDesk(deps.game, req, res))
  for (const room of rooms) router.use(room(deps))
  return router
}
