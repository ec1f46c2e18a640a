import { Router, type Request, type Response } from 'express'
import { deleteImage } from '../../game/registry/player-images.ts'
import { playerKubeconfig } from '../../game/workspaces/workspace.ts'
import { noWorkspace, renewWorkspace, resetWorkspace } from '../../game/workspaces/lifecycle.ts'
import { Refusal } from '../../lib/errors.ts'
import type { WebDeps } from '../deps.ts'
import { redirectWith } from '../request/flash.ts'
import { field, formOf } from '../request/form.ts'
import { memberOf, mustPlay, playerOf } from '../request/guards.ts'
import type { Limits } from '../middleware/limits.ts'
import { shellOf, show } from '../middleware/shell.ts'
import { redirectToForm, refusedForm, stateOf, statusOf } from '../request/refused-form.ts'
import { originOf } from '../request/origin.ts'
import { imageRows, pushRefusals } from '../present/registry.ts'
import { quotaModel, workspaceModel } from '../present/workspace.ts'

/** The player's namespace: what is used of it, its kubeconfig, another life for it, a new beginning; and their images. */
export function workspaceRoutes({ game }: WebDeps, limits: Limits): Router {
  const router = Router()
  router.use('/workspace', mustPlay)
  const asker = (req: Request) => ({ ...playerOf(req), memberId: memberOf(req).id })

  const page = async (req: Request, res: Response) => {
    const player = playerOf(req)
    const { language } = shellOf(res)
    const workspace = await workspaceModel(game, player, language, originOf(req, game.config))
    const { cluster, registry } = workspace
    if (!cluster && !registry) throw noWorkspace()
    const [quota, images, refusals] = await Promise.all([
      cluster?.open ? quotaModel(game, player) : [],
      registry ? imageRows(game, player) : [],
      registry ? pushRefusals(game, player) : [],
    ])
    const refused = await refusedForm(game, req)
    const form = stateOf(refused, 'workspace')
    show(res, 'workspace', { workspace, quota, images, refusals, form }, statusOf(refused))
  }
  /** Does it and comes back to the page, which says what was refused. */
  const change = async (req: Request, res: Response, code: string, work: () => Promise<void>) => {
    try {
      await work()
    } catch (error) {
      const state = formOf(error, { namespace: ['reset-name'] }, {})
      const status = error instanceof Refusal ? error.status : 422
      await redirectToForm(game, req, res, '/workspace', { name: 'workspace', status, state })
      return
    }
    await redirectWith(req, res, '/workspace', { kind: 'success', code })
  }

  router.get('/workspace', page)
  router.get('/workspace/kubeconfig', limits.changes, async (req, res) => {
    const { text, namespace } = await playerKubeconfig(game, playerOf(req))
    res.type('application/yaml').attachment(`${namespace}.kubeconfig`).send(text)
  })
  router.post('/workspace/renew', (req, res) =>
    change(req, res, 'workspace-renewed', () => renewWorkspace(game, asker(req))),
  )
  router.post('/workspace/reset', (req, res) =>
    change(req, res, 'workspace-reset', () => resetWorkspace(game, asker(req), field(req, 'namespace'))),
  )
  router.post('/workspace/images/delete', (req, res) =>
    change(req, res, 'image-deleted', () =>
      deleteImage(game, asker(req), { repository: field(req, 'repository'), digest: field(req, 'digest') }),
    ),
  )
  return router
}
