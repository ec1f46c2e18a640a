import { Router } from 'express'
import { checkPassword } from '../../game/people/passwords.ts'
import type { WebDeps } from '../deps.ts'
import { emptyForm, field } from '../request/form.ts'
import { ownPath } from '../request/guards.ts'
import { rememberLanguage } from '../request/language.ts'
import { logIn, logOut } from '../auth/log-in.ts'
import type { Guesses } from '../middleware/guesses.ts'
import { show } from '../middleware/shell.ts'

export function loginRoutes({ game }: WebDeps, guesses: Guesses): Router {
  const router = Router()
  router.get('/login', (req, res) => {
    const next = ownPath(req.query['next'], '')
    if (req.user) {
      res.redirect(303, next || '/map')
      return
    }
    show(res, 'login', { next, form: emptyForm })
  })
  router.post('/login', async (req, res) => {
    const next = ownPath(field(req, 'next'), '')
    const name = field(req, 'name')
    const member = await guesses.password(req, name, () => checkPassword(game, name, field(req, 'password')))
    if (!member) {
      const errors = { form: { code: 'log-in-wrong' } }
      show(res, 'login', { next, form: { values: { name }, errors } }, 422)
      return
    }
    await logIn(req, member)
    rememberLanguage(res, member.language)
    res.redirect(303, next || (member.playerId ? '/map' : '/desk'))
  })
  router.post('/logout', async (req, res) => {
    await logOut(req)
    res.redirect(303, '/')
  })
  router.get('/forgot', (_req, res) => show(res, 'forgot', {}))
  return router
}
