import express, { type Express } from 'express'
import type { Game } from '../game/game.ts'
import type { WebDeps } from './deps.ts'
import { createMetrics } from './metrics.ts'
import { opsRoutes } from './routes/ops.ts'

/** What a process without pages answers: `/healthz`, `/readyz`, `/metrics`. */
export function createOpsApp(game: Game, readiness: WebDeps['readiness']): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(opsRoutes({ game, readiness }, createMetrics({ game })))
  app.use((_, res) => void res.sendStatus(404))
  return app
}
