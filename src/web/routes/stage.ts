import { Router, type Request, type Response } from 'express'
import { z } from 'zod'
import { languages } from '../../core/text.ts'
import { createDiagnosis, type Diagnosis } from '../../game/workspaces/diagnosis.ts'
import { challengeOf, type Game } from '../../game/game.ts'
import { hintsShown, takeHint, tellsReasons } from '../../game/judging/hints.ts'
import { openChallenge } from '../../game/progress.ts'
import { resetChallenge } from '../../game/handing-out/provision.ts'
import { submit } from '../../game/judging/submit.ts'
import type { WebDeps } from '../deps.ts'
import { redirectWith } from '../request/flash.ts'
import { field, formOf } from '../request/form.ts'
import { memberOf, mustPlay, playerOf } from '../request/guards.ts'
import { redirectToForm, refusedForm, stateOf, statusOf } from '../request/refused-form.ts'
import { shellOf, show, showPartial } from '../middleware/shell.ts'
import { originOf } from '../request/origin.ts'
import { diagnosisModel } from '../present/diagnosis.ts'
import { stagePage, verdictModel } from '../present/stage-page.ts'
import { waitForLook } from '../../game/judging/wait.ts'

/** How long a page without a live connection waits for its verdict after the button, in milliseconds. */
const patience = 3000
/** How long a page waits for the cluster to say why something does not run, in milliseconds. */
const diagnosisMs = 1000

type StageRequest = Request<{ id: string; number?: string }>

export function stageRoutes({ game }: WebDeps): Router {
  const router = Router()
  const diagnose = createDiagnosis(game, diagnosisMs)
  const page = async (req: StageRequest, res: Response) => {
    const { language } = shellOf(res)
    const refused = await refusedForm(game, req)
    const form = stateOf(refused, 'check')
    const storyLanguage = z.enum(languages).catch(language).parse(req.query['lang'])
    const view = { language, storyLanguage, origin: originOf(req, game.config), form, diagnose }
    show(res, 'stage', await stagePage(game, playerOf(req), req.params.id, view), statusOf(refused))
  }

  router.get('/hunt', (_req, res) => res.redirect(303, '/map'))
  router.get('/hunt/:id', mustPlay, async (req: StageRequest, res) => {
    if (req.query['fragment'] === 'diagnosis') await diagnosisFragment(game, diagnose, req, res)
    else if (req.query['fragment'] === 'verdict') await verdictFragment(game, req, res)
    else await page(req, res)
  })
  router.post('/hunt/:id/check', mustPlay, async (req: StageRequest, res) => {
    const player = playerOf(req)
    const answer = field(req, 'answer')
    try {
      const id = await submit(game, {
        player,
        memberId: player.id,
        challengeId: req.params.id,
        trigger: 'button',
        ...(answer !== '' && { answer }),
      })
      await waitForLook(game, id, patience)
    } catch (error) {
      const state = formOf(error, { answer: ['answer'] }, {})
      await redirectToForm(game, req, res, `/hunt/${req.params.id}#check`, {
        name: 'check',
        status: 422,
        state,
      })
      return
    }
    res.redirect(303, `/hunt/${req.params.id}#verdict`)
  })
  router.post('/hunt/:id/hints/:number', mustPlay, async (req: StageRequest, res) => {
    const player = playerOf(req)
    await takeHint(game, { ...player, memberId: player.id }, req.params.id, Number(req.params.number))
    res.redirect(303, `/hunt/${req.params.id}#hints`)
  })
  router.post('/hunt/:id/reset', mustPlay, async (req: StageRequest, res) => {
    await resetChallenge(game, { ...playerOf(req), memberId: memberOf(req).id }, req.params.id)
    const isCloned = challengeOf(game, req.params.id).repository !== null
    const code = isCloned ? 'stage-reset' : 'stage-reset-images'
    await redirectWith(req, res, `/hunt/${req.params.id}`, { kind: 'success', code })
  })
  return router
}

async function diagnosisFragment(
  game: Game,
  diagnose: Diagnosis,
  req: StageRequest,
  res: Response,
): Promise<void> {
  const player = playerOf(req)
  const { challenge } = await openChallenge(game, player.playerId, req.params.id)
  const isTold = tellsReasons(challenge, await hintsShown(game, player, req.params.id))
  const told = isTold ? diagnose : () => Promise.resolve(null)
  showPartial(res, 'diagnosis', await diagnosisModel(told, player, shellOf(res).language))
}

async function verdictFragment(game: Game, req: StageRequest, res: Response): Promise<void> {
  const { language } = shellOf(res)
  showPartial(res, 'verdict', await verdictModel(game, playerOf(req).playerId, req.params.id, language))
}
