import { Router } from 'express'
import type { WebDeps } from '../deps.ts'
import type { Metrics } from '../metrics.ts'
import { guardMetrics } from '../middleware/guard-metrics.ts'

/** `/healthz`: the process lives. `/readyz`: it can serve, else which part is missing. `/metrics`: Prometheus, for whom it is meant. */
export function opsRoutes({ game, missing }: Pick<WebDeps, 'game' | 'missing'>, metrics: Metrics): Router {
  const router = Router()
  router.get('/healthz', (_, res) => void res.json({ status: 'ok' }))
  router.get('/readyz', async (_, res) => {
    const parts = await missing()
    const ready = Object.keys(parts).length === 0
    res.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not ready', missing: parts })
  })
  router.get('/metrics', guardMetrics(game.config), async (_, res) => {
    res.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })
  return router
}
