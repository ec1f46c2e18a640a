import { Router } from 'express'
import type { Authenticator } from 'passport'
import type { MemberRow } from '../../db/members.ts'
import type { WebDeps } from '../deps.ts'
import { emptyForm, field } from '../request/form.ts'
import { ownPath } from '../request/guards.ts'
import { rememberLanguage } from '../request/language.ts'
import { logIn, logOut } from '../auth/log-in.ts'
import type { Limits } from '../middleware/limits.ts'
import { show } from '../middleware/shell.ts'

export function loginRoutes(
  _deps: WebDeps,
  passport: Pick<Authenticator, 'authenticate'>,
  limits: Limits,
): Router {
  const router = Router()
  router.get('/login', (req, res) => {
    const next = ownPath(req.query['next'], '')
    if (req.user) {
      res.redirect(303, next || '/map')
      return
    }
    show(res, 'login', { next, form: emptyForm })
  })
  router.post('/login', ...limits.login, (req, res, done) => {
    const next = ownPath(field(req, 'next'), '')
    const answer = (error: unknown, member: MemberRow | false | undefined) => {
      if (error) {
        done(error)
        return
      }
      if (!member) {
        const errors = { form: { code: 'log-in-wrong' } }
        show(res, 'login', { next, form: { values: { name: field(req, 'name') }, errors } }, 422)
        return
      }
      logIn(req, member).then(() => {
        rememberLanguage(res, member.language)
        res.redirect(303, next || (member.playerId ? '/map' : '/desk'))
      }, done)
    }
    const authenticate = passport.authenticate('local', answer) as (...args: unknown[]) => void
    authenticate(req, res, done)
  })
  router.post('/logout', async (req, res) => {
    await logOut(req)
    res.redirect(303, '/')
  })
  router.get('/forgot', (_req, res) => show(res, 'forgot', {}))
  return router
}
