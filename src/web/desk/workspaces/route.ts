import { Router, type Request, type Response } from 'express'
import { namespaceName } from '../../../core/workspace.ts'
import { workspaceBySlug, type WorkspaceRow } from '../../../db/workspaces.ts'
import { noWorkspace, repairWorkspace, resetWorkspace } from '../../../game/workspaces/lifecycle.ts'
import { Refusal } from '../../../lib/errors.ts'
import type { WebDeps } from '../../deps.ts'
import { redirectWith } from '../../request/flash.ts'
import { memberOf } from '../../request/guards.ts'
import { show } from '../../middleware/shell.ts'
import { deskWorkspacesPage } from './present.ts'

type Named = Request<{ slug: string }>

/** All workspaces on the organizer's desk, and what can be done about one. */
export function deskWorkspaceRoutes({ game }: WebDeps): Router {
  const router = Router()

  const rowOf = async (req: Named): Promise<WorkspaceRow & { playerName: string }> => {
    const row = await workspaceBySlug(game.sql, req.params.slug)
    if (!row) throw noWorkspace()
    const { playerName } = row
    // Their namespaces are being deleted, and nothing may come after.
    if (playerName === null) throw new Refusal(409, 'player-left', 'This player has left the hunt.')
    return { ...row, playerName }
  }
  const back = (req: Request, res: Response, code: string, name: string) =>
    redirectWith(req, res, '/desk/workspaces', { kind: 'success', code, values: { name } })

  router.get('/desk/workspaces', async (req, res) => {
    show(res, 'desk-workspaces', await deskWorkspacesPage(game, req.query))
  })
  router.post('/desk/workspaces/:slug/repair', async (req: Named, res) => {
    const row = await workspaceBySlug(game.sql, req.params.slug)
    if (!row) throw noWorkspace()
    await repairWorkspace(game, { ...row, memberId: memberOf(req).id })
    await back(req, res, 'workspace-repaired', row.playerName ?? row.slug)
  })
  router.get('/desk/workspaces/:slug/reset', async (req: Named, res) => {
    const { slug, playerName, environments } = await rowOf(req)
    const namespaces = ['', ...environments].map((environment) => namespaceName(slug, environment))
    show(res, 'desk-workspace-reset', { slug, name: playerName, namespaces })
  })
  router.post('/desk/workspaces/:slug/reset', async (req: Named, res) => {
    const row = await rowOf(req)
    await resetWorkspace(game, { ...row, memberId: memberOf(req).id }, namespaceName(row.slug))
    await back(req, res, 'workspace-reset-for', row.playerName)
  })
  return router
}
