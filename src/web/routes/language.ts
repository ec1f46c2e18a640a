import { Router, urlencoded } from 'express'
import { z } from 'zod'
import { languages } from '../../core/text.ts'
import { rememberLanguage } from '../request/language.ts'
import { field } from '../request/form.ts'
import { ownPath } from '../request/guards.ts'

/** The switch on every page, also on those that are served to all alike: it sets a cookie and needs no form token. */
export function languageRoutes(): Router {
  const router = Router()
  router.post('/language', urlencoded({ extended: false, limit: '4kb' }), (req, res) => {
    const language = z.enum(languages).safeParse(field(req, 'language'))
    if (language.success) {
      rememberLanguage(res, language.data)
    }
    res.redirect(303, ownPath(field(req, 'back'), '/'))
  })
  return router
}
