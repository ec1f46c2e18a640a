import { Router, type Request } from 'express'
import { z } from 'zod'
import { languages, type Language } from '../../core/text.ts'
import type { Game } from '../../game/game.ts'
import { publicStates } from '../../game/progress.ts'
import { register, type Registered } from '../../game/people/register.ts'
import { memberById } from '../../db/members.ts'
import type { WebDeps } from '../deps.ts'
import type { WelcomePage } from '../models/entry.ts'
import { field, formOf } from '../request/form.ts'
import { mustPlay, playerOf } from '../request/guards.ts'
import { rememberLanguage } from '../request/language.ts'
import { keep, kept, type Kept } from '../auth/keepsakes.ts'
import { logIn } from '../auth/log-in.ts'
import type { Guesses } from '../middleware/guesses.ts'
import { shellOf, show } from '../middleware/shell.ts'
import { originOf } from '../request/origin.ts'
import { redirectToForm, refusedForm, stateOf, statusOf } from '../request/refused-form.ts'
import { stageRef } from '../present/stage.ts'
import { workspaceModel } from '../present/workspace.ts'

const fields = { name: ['name'], password: ['password'], email: ['email'], code: ['registration-code'] }

export function joinRoutes({ game }: WebDeps, guesses: Guesses): Router {
  const router = Router()
  router.get('/join', async (req, res) => {
    if (req.user) {
      res.redirect(303, '/map')
      return
    }
    const refused = await refusedForm(game, req)
    const page = { registration: game.settings.registration, form: stateOf(refused, 'join') }
    show(res, 'join', page, statusOf(refused))
  })
  router.post('/join', async (req, res) => {
    if (req.user) {
      res.redirect(303, '/map')
      return
    }
    const values = { name: field(req, 'name'), email: field(req, 'email'), code: field(req, 'code') }
    const language = z.enum(languages).catch(shellOf(res).language).parse(field(req, 'language'))
    try {
      const given = { ...values, password: field(req, 'password'), language }
      await enter(game, req, await guesses.code(req, () => register(game, given)))
    } catch (error) {
      const state = formOf(error, fields, { ...values, language })
      await redirectToForm(game, req, res, '/join', { name: 'join', status: 422, state })
      return
    }
    rememberLanguage(res, language)
    res.redirect(303, '/welcome')
  })
  router.get('/welcome', mustPlay, async (req, res) => {
    const token = (await kept(game, req, 'token')).find(({ first }) => first)
    if (!token) {
      res.redirect(303, '/map')
      return
    }
    show(res, 'welcome', await welcomePage(game, req, shellOf(res).language, token))
  })
  return router
}

/** Logs in whom the form just made, and keeps their first token for the page that comes next. */
async function enter(game: Game, req: Request, made: Registered): Promise<void> {
  const member = await memberById(game.sql, made.memberId)
  if (!member) throw new Error('the member that was just made is not there')
  await logIn(req, member)
  const { token, tokenId, tokenName } = made
  await keep(game, req, 'token', { name: tokenName, token, tokenId, first: true })
}

async function welcomePage(
  game: Game,
  req: Request,
  language: Language,
  token: Kept<'token'>,
): Promise<WelcomePage> {
  const player = playerOf(req)
  const workspace = await workspaceModel(game, player, language, originOf(req, game.config))
  const [first] = workspace.repositories.flatMap((repository) => repository.stages)
  const states = publicStates(game)
  const open = game.hunt.challenges.find(({ id }) => states.get(id) === 'open')
  return {
    name: player.name,
    token: { id: token.id, text: token.token, until: token.until },
    workspace,
    first: first ?? (open ? stageRef(open, language) : null),
  }
}
