import express, { type Express } from 'express'
import type { Game } from '../game/game.ts'
import { createMetrics } from './metrics.ts'
import { opsRoutes } from './routes/ops.ts'

/** What a process without pages answers: `/healthz`, `/readyz`, `/metrics`. */
export function createOpsApp(game: Game, missing: () => Promise<Record<string, string>>): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(opsRoutes({ game, missing }, createMetrics({ game })))
  app.use((_, res) => void res.sendStatus(404))
  return app
}
