import { Router, type Request, type Response } from 'express'
import { memberById, type MemberRow } from '../../db/members.ts'
import { checkPassword } from '../../game/people/passwords.ts'
import type { WebDeps } from '../deps.ts'
import { field } from '../request/form.ts'
import { loginPath, ownPath } from '../request/guards.ts'
import { rememberLanguage } from '../request/language.ts'
import { kept } from '../auth/keepsakes.ts'
import { logIn, logOut } from '../auth/log-in.ts'
import type { Guesses } from '../middleware/guesses.ts'
import { carryForm, redirectToForm, refusedForm, stateOf, statusOf } from '../request/refused-form.ts'
import { show } from '../middleware/shell.ts'

export function loginRoutes({ game }: WebDeps, guesses: Guesses): Router {
  const router = Router()
  const refuse = async (req: Request, res: Response, next: string) => {
    const errors = { form: { code: 'log-in-wrong' } }
    const state = { values: { name: field(req, 'name') }, errors }
    await redirectToForm(game, req, res, loginPath(next), { name: 'login', status: 422, state })
  }
  const enter = async (req: Request, res: Response, member: MemberRow, next: string) => {
    const typed = await kept(game, req, 'form')
    await logIn(req, member)
    // A password that was changed while it was compared ended the log-ins that there were then, and not this one.
    if ((await memberById(game.sql, member.id))?.passwordHash !== member.passwordHash) {
      await logOut(req)
      await refuse(req, res, next)
      return
    }
    rememberLanguage(res, member.language)
    const there = next || (member.playerId ? '/map' : '/desk')
    res.redirect(303, await carryForm(game, req, there, typed))
  }

  router.get('/login', async (req, res) => {
    const next = ownPath(req.query['next'], '')
    if (req.user) {
      res.redirect(303, next || '/map')
      return
    }
    const refused = await refusedForm(game, req)
    show(res, 'login', { next, form: stateOf(refused, 'login') }, statusOf(refused))
  })
  router.post('/login', async (req, res) => {
    const next = ownPath(field(req, 'next'), '')
    const name = field(req, 'name')
    const member = await guesses.password(req, name, () => checkPassword(game, name, field(req, 'password')))
    if (member) await enter(req, res, member, next)
    else await refuse(req, res, next)
  })
  router.post('/logout', async (req, res) => {
    await logOut(req)
    res.redirect(303, '/')
  })
  router.get('/forgot', (_req, res) => show(res, 'forgot', {}))
  return router
}
