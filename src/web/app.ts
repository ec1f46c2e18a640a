import express, { type Express } from 'express'
import cookieParser from 'cookie-parser'
import { createPushReceiver } from '../game/triggers/push.ts'
import { privateApi } from './api/private.ts'
import { problems } from './api/problem.ts'
import { publicApi } from './api/public.ts'
import { assetRoutes } from './assets.ts'
import { createPassport } from './auth/passport.ts'
import type { WebDeps } from './deps.ts'
import { createMetrics } from './metrics.ts'
import { setUpCompression } from './middleware/compression.ts'
import { setUpCsrf } from './middleware/csrf.ts'
import { pageErrors, notFound } from './middleware/errors.ts'
import { countGuesses } from './middleware/guesses.ts'
import { setUpHeaders } from './middleware/headers.ts'
import { limitForms, setUpLimits } from './middleware/limits.ts'
import { formAddresses, outdatedForms } from './middleware/outdated-forms.ts'
import { setUpRequestLog } from './middleware/request-log.ts'
import { setUpSession } from './middleware/session.ts'
import { setUpShell } from './middleware/shell.ts'
import { cutSlowBodies } from './middleware/slow-bodies.ts'
import { plainAddresses, wholeTexts } from './middleware/whole-texts.ts'
import { nameCookies, plainCookies } from './request/cookies.ts'
import { originOf } from './request/origin.ts'
import { repeatPrepared } from './request/prepared.ts'
import { deskRoutes } from './desk/routes.ts'
import { evidenceRoutes } from './routes/evidence.ts'
import { homeRoutes } from './routes/home.ts'
import { joinRoutes } from './routes/join.ts'
import { keptRoutes } from './routes/kept.ts'
import { languageRoutes } from './routes/language.ts'
import { leaderboardRoutes } from './routes/leaderboard.ts'
import { loginRoutes } from './routes/login.ts'
import { mapRoutes } from './routes/map.ts'
import { meRoutes } from './routes/me.ts'
import { opsRoutes } from './routes/ops.ts'
import { organizerRoutes } from './routes/organizer.ts'
import { registryHookRoutes } from './routes/registry-hook.ts'
import { registryTokenRoutes } from './routes/registry-token.ts'
import { resetRoutes } from './routes/reset.ts'
import { stageRoutes } from './routes/stage.ts'
import { workspaceRoutes } from './routes/workspace.ts'

/** The only way to an app, in production and in tests. Read it as a table of contents. */
export function createApp(deps: WebDeps): Express {
  const { game } = deps
  const app = express()
  const metrics = createMetrics(deps)
  const limits = setUpLimits(game.config)
  const guesses = countGuesses(game.config)
  const names = nameCookies(app, game.secret)
  app.set('trust proxy', game.config.trustProxy)
  app.set('query parser', 'simple')
  app.disable('x-powered-by')
  app.disable('etag')

  app.use(plainAddresses(), cookieParser(), plainCookies())
  app.use(repeatPrepared(game))
  app.use(setUpRequestLog(game.log, metrics))
  app.use(opsRoutes(deps, metrics))
  app.use('/git', (req, res) => {
    const { forge } = game.board
    if (forge?.serve) forge.serve(createPushReceiver(game, originOf(req, game.config)))(req, res)
    else res.sendStatus(404)
  })
  app.use(cutSlowBodies())
  app.use(registryTokenRoutes(deps, guesses))
  app.use(registryHookRoutes(deps))
  app.use(setUpHeaders())
  app.use(setUpCompression())
  app.use('/assets', assetRoutes())

  // Public reads that run no query and need no session.
  app.use('/api/v1', publicApi(deps, { limits, guesses }))
  app.use(languageRoutes())
  app.use(leaderboardRoutes(deps))

  // Before anybody is known: whoever sends a form slowly is asked who they are when all of it is in.
  app.use(express.urlencoded({ extended: false, limit: '32kb' }))
  const passport = createPassport(game)
  app.use(setUpSession(game, names))
  app.use(passport.session())
  app.use('/api/v1', privateApi(deps, passport, { limits, guesses }))
  // What befell a script before it reached the API, such as a session that could not be read.
  app.use('/api/v1', problems(game))

  const csrf = setUpCsrf(game, names)
  app.use(csrf.protect)
  app.use(outdatedForms(deps, csrf, limits))
  app.use(setUpShell(deps, csrf))
  app.use(wholeTexts())
  app.use(limitForms(limits))
  app.use(homeRoutes(deps))
  app.use(joinRoutes(deps, guesses))
  app.use(loginRoutes(deps, guesses))
  app.use(resetRoutes(deps, limits))
  app.use(organizerRoutes(deps, limits))
  app.use(mapRoutes(deps))
  app.use(stageRoutes(deps))
  app.use(workspaceRoutes(deps, limits))
  app.use(meRoutes(deps, limits, guesses))
  app.use(evidenceRoutes(deps))
  app.use(deskRoutes(deps))
  app.use(keptRoutes(deps))
  app.use(formAddresses())
  app.use(notFound)
  app.use(pageErrors(deps))
  return app
}
