import { Router, type Request, type Response } from 'express'
import { z } from 'zod'
import { isSameName } from '../../core/names.ts'
import { languages } from '../../core/text.ts'
import { submissionById } from '../../db/submissions.ts'
import type { Game } from '../../game/game.ts'
import { exportPlayer } from '../../game/people/export.ts'
import { chooseLanguage } from '../../game/people/language.ts'
import { leave } from '../../game/people/leave.ts'
import { changePassword } from '../../game/people/passwords.ts'
import { rename } from '../../game/people/rename.ts'
import { createToken, revokeToken } from '../../game/people/tokens.ts'
import { Refusal } from '../../lib/errors.ts'
import { isUuid } from '../../lib/ids.ts'
import { sha256 } from '../../lib/secrets.ts'
import { forget, keep, kept } from '../auth/keepsakes.ts'
import { logOut } from '../auth/log-in.ts'
import type { WebDeps } from '../deps.ts'
import type { Guesses } from '../middleware/guesses.ts'
import type { Limits } from '../middleware/limits.ts'
import { shellOf, show } from '../middleware/shell.ts'
import type { MePage } from '../models/own.ts'
import type { FormState } from '../models/shell.ts'
import { mePage } from '../present/me.ts'
import { submissionModel } from '../present/submission.ts'
import { redirectWith } from '../request/flash.ts'
import { choice, field, formOf } from '../request/form.ts'
import { memberOf, mustBeMember, mustPlay, playerOf } from '../request/guards.ts'
import { rememberLanguage } from '../request/language.ts'
import { redirectToForm, refusedForm, statusOf } from '../request/refused-form.ts'

/** One's own page. */
export function meRoutes({ game }: WebDeps, limits: Limits, guesses: Guesses): Router {
  const router = Router()
  router.use('/me', mustBeMember)
  router.get('/me', (req, res) => showMe(game, req, res))
  router.use(accountForms(game, guesses), tokenForms(game), farewells(game, limits))
  router.get('/me/submissions/:id', mustPlay, async (req: Request<{ id: string }>, res) => {
    const { id } = req.params
    const row = isUuid(id) ? await submissionById(game.sql, id) : undefined
    if (row?.playerId !== playerOf(req).playerId)
      throw new Refusal(404, 'no-submission', 'There is no such submission of yours.')
    show(res, 'submission', { submission: await submissionModel(game, row, shellOf(res).language) })
  })
  return router
}

type MeGame = Pick<Game, 'sql' | 'secret' | 'hunt' | 'leaderboard' | 'settings'>

async function showMe(game: MeGame, req: Request, res: Response): Promise<void> {
  const before = z.string().catch('').parse(req.query['before'])
  const refused = await refusedForm(game, req)
  const newTokens = await kept(game, req, 'token')
  const forms = refused ? { [refused.name]: refused.state } : {}
  const view = { language: shellOf(res).language, before, newTokens, forms }
  show(res, 'me', await mePage(game, memberOf(req), view), statusOf(refused))
}

/** Leads back to the form of that name, which says why it was refused. */
async function refuse(
  game: MeGame,
  req: Request,
  res: Response,
  name: keyof MePage['forms'],
  state: FormState,
): Promise<void> {
  await redirectToForm(game, req, res, '/me', { name, status: 422, state })
}

async function backToMe(req: Request, res: Response, code: string): Promise<void> {
  await redirectWith(req, res, '/me', { kind: 'success', code })
}

/** Name, language, password. */
function accountForms(game: MeGame, guesses: Guesses): Router {
  const router = Router()
  router.post('/me/name', async (req, res) => {
    const name = field(req, 'name')
    try {
      await rename(game, memberOf(req), name)
    } catch (error) {
      await refuse(game, req, res, 'name', formOf(error, { name: ['name'] }, { name }))
      return
    }
    await backToMe(req, res, 'renamed')
  })
  router.post('/me/language', async (req, res) => {
    const language = choice(req, 'language', languages)
    await chooseLanguage(game, memberOf(req).id, language)
    rememberLanguage(res, language)
    await backToMe(req, res, 'language-set')
  })
  router.post('/me/password', async (req, res) => {
    const given = {
      current: field(req, 'current'),
      next: field(req, 'next'),
      keepSession: sha256(req.sessionID),
    }
    try {
      const member = memberOf(req)
      await guesses.current(req, member.name, () => changePassword(game, member, given))
    } catch (error) {
      const state = formOf(error, { current: ['password-wrong'], next: ['password'] }, {})
      await refuse(game, req, res, 'password', state)
      return
    }
    await backToMe(req, res, 'password-changed')
  })
  return router
}

/** What scripts and Git log in with. */
function tokenForms(game: MeGame): Router {
  const router = Router()
  router.post('/me/tokens', async (req, res) => {
    const asked = field(req, 'name')
    try {
      const { id, name, token } = await createToken(game, memberOf(req).id, asked)
      await keep(game, req, 'token', { name, token, tokenId: id, first: false })
    } catch (error) {
      await refuse(game, req, res, 'token', formOf(error, { name: ['token-name'] }, { name: asked }))
      return
    }
    res.redirect(303, '/me#tokens')
  })
  router.post('/me/tokens/:id/revoke', async (req, res) => {
    const { id } = req.params
    await revokeToken(game, memberOf(req).id, id)
    for (const one of await kept(game, req, 'token')) if (one.tokenId === id) await forget(game, req, one.id)
    await backToMe(req, res, 'token-revoked')
  })
  return router
}

/** To take along what is one's own, and to leave the hunt. */
function farewells(game: Game, limits: Limits): Router {
  const router = Router()
  router.get('/me/export', mustPlay, limits.changes, async (req, res) => {
    await exportPlayer(game, memberOf(req), res)
  })
  router.post('/me/leave', mustPlay, async (req, res) => {
    const player = playerOf(req)
    if (!isSameName(field(req, 'confirm'), player.name)) {
      const errors = { confirm: { code: 'leave-confirm' } }
      await refuse(game, req, res, 'leave', { values: {}, errors })
      return
    }
    await leave(game, { ...player, memberId: player.id })
    await logOut(req)
    res.redirect(303, '/')
  })
  return router
}
