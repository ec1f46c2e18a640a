import express, { Router } from 'express'
import { z } from 'zod'
import { isHookKey, noticesOf, passOnProbe, probeIn } from '../../game/triggers/registry-hook.ts'
import type { WebDeps } from '../deps.ts'

const notification = z.object({ events: z.array(z.unknown()).max(1000) })

/** Where the registry tells what was pushed. Whatever it says is a hint: the registry is read again. */
export function registryHookRoutes({ game, notices }: WebDeps): Router {
  const router = Router()
  const warn = (error: unknown) =>
    game.log.warn({ err: error }, 'a notification of the registry could not be read')
  router.post(
    '/hooks/registry',
    (req, res, next) => {
      const [, key = ''] = /^Bearer (\S{1,200})$/.exec(req.get('authorization') ?? '') ?? []
      if (notices && isHookKey(game, key)) next()
      else res.sendStatus(401)
    },
    express.json({ type: () => true, limit: '1mb' }),
    (req, res) => {
      const { events } = notification.parse(req.body)
      for (const event of events) {
        for (const notice of noticesOf(event)) notices?.moved(notice)
        const probe = probeIn(event)
        if (probe !== null) passOnProbe(game, probe).catch(warn)
      }
      res.sendStatus(200)
    },
  )
  // It repeats what is not taken for ever, and holds back everything after: what cannot be read is let go.
  router.use('/hooks/registry', (error: unknown, _req: unknown, res: express.Response, next: () => void) => {
    warn(error)
    if (res.headersSent) next()
    else res.sendStatus(200)
  })
  return router
}
