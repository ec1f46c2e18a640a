import { Router, type Request, type Response } from 'express'
import { z } from 'zod'
import { languages } from '../../core/text.ts'
import type { Game } from '../../game/game.ts'
import { publicStates } from '../../game/progress.ts'
import { register, type Registered } from '../../game/people/register.ts'
import { memberById } from '../../db/members.ts'
import type { WebDeps } from '../deps.ts'
import { emptyForm, field, formOf } from '../request/form.ts'
import type { FormState } from '../models/shell.ts'
import { rememberLanguage } from '../request/language.ts'
import { logIn } from '../auth/log-in.ts'
import type { Guesses } from '../middleware/guesses.ts'
import { shellOf, show } from '../middleware/shell.ts'
import { originOf } from '../request/origin.ts'
import { stageRef } from '../present/stage.ts'
import { workspaceModel } from '../present/workspace.ts'

const fields = { name: ['name'], password: ['password'], email: ['email'], code: ['registration-code'] }

export function joinRoutes({ game }: WebDeps, guesses: Guesses): Router {
  const router = Router()
  const form = (res: Response, state: FormState, status = 200) =>
    show(res, 'join', { registration: game.settings.registration, form: state }, status)

  router.get('/join', (req, res) => {
    if (req.user) {
      res.redirect(303, '/map')
      return
    }
    form(res, emptyForm)
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
      const made = await guesses.code(req, () => register(game, given))
      await welcome(game, req, res, made)
    } catch (error) {
      const state = formOf(error, fields, { ...values, language })
      form(res, state, 422)
    }
  })
  return router
}

/** The one page that shows the first token; the account is logged in already. */
async function welcome(game: Game, req: Request, res: Response, made: Registered): Promise<void> {
  const member = await memberById(game.sql, made.memberId)
  if (!member) throw new Error('the member that was just made is not there')
  await logIn(req, member)
  rememberLanguage(res, member.language)
  const shell = shellOf(res)
  shell.language = member.language
  shell.reader = { name: made.name, slug: made.slug, organizer: false }
  const workspace = await workspaceModel(game, made, member.language, originOf(req, game.config))
  const [first] = workspace.repositories.flatMap((repository) => repository.stages)
  const states = publicStates(game)
  const open = game.hunt.challenges.find(({ id }) => states.get(id) === 'open')
  show(res, 'welcome', {
    name: made.name,
    token: made.token,
    workspace,
    first: first ?? (open ? stageRef(open, member.language) : null),
  })
}
