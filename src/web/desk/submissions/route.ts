import { Router } from 'express'
import { submissionById } from '../../../db/submissions.ts'
import { Refusal } from '../../../lib/errors.ts'
import { isUuid } from '../../../lib/ids.ts'
import type { WebDeps } from '../../deps.ts'
import { shellOf, show } from '../../middleware/shell.ts'
import { deskSubmission } from './present.ts'

/** Any player's submission with all its findings. */
export function deskSubmissionRoutes({ game }: WebDeps): Router {
  const router = Router()
  router.get('/desk/submissions/:id', async (req, res) => {
    const { id } = req.params
    const row = isUuid(id) ? await submissionById(game.sql, id) : undefined
    if (!row) throw new Refusal(404, 'no-submission', 'There is no such submission.')
    show(res, 'desk-submission', await deskSubmission(game, row, shellOf(res).language))
  })
  return router
}
