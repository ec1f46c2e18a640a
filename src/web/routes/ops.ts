import { Router } from 'express'
import type { WebDeps } from '../deps.ts'
import type { Metrics } from '../metrics.ts'
import { guardMetrics } from '../middleware/guard-metrics.ts'

/** `/healthz`: the process lives. `/readyz`: it can do its work, and which part is missing. `/metrics`: Prometheus, for whom it is meant. */
export function opsRoutes(
  { game, readiness }: Pick<WebDeps, 'game' | 'readiness'>,
  metrics: Metrics,
): Router {
  const router = Router()
  router.get('/healthz', (_, res) => void res.json({ status: 'ok' }))
  router.get('/readyz', async (_, res) => {
    const state = await readiness()
    res.status(state.status === 'not ready' ? 503 : 200).json(state)
  })
  router.get('/metrics', guardMetrics(game.config), async (_, res) => {
    res.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })
  return router
}
