import { join } from 'node:path'
import type { Express } from 'express'
import type { Game } from '../game/game.ts'
import { createLayRounds } from '../game/handing-out/lay-rounds.ts'
import { openNext } from '../game/handing-out/open-next.ts'
import { createWorker } from '../game/judging/work.ts'
import { createClusterFollower } from '../game/triggers/follow-clusters.ts'
import { createRegistryFollower, type RegistryFollower } from '../game/triggers/follow-registry.ts'
import { createReadiness } from '../game/upkeep/readiness.ts'
import { createSweep } from '../game/upkeep/sweep.ts'
import { advance } from '../game/workspaces/advance.ts'
import { wakeLost } from '../game/workspaces/lost.ts'
import { packageRoot } from '../lib/root.ts'
import { createApp } from '../web/app.ts'
import { createOpsApp } from '../web/ops-app.ts'
import { createSseHub } from '../web/sse/hub.ts'
import { createViews } from '../web/view/view.ts'

/** What a process does: answer people, or judge, make workspaces and look at what moved. One may do both. */
export const roles = ['web', 'work'] as const
export type Role = (typeof roles)[number]

/** Judging and all that goes on unasked. */
export interface Work {
  registry: RegistryFollower | undefined
  start(): Promise<void>
  close(): Promise<void>
}

export function openWork(game: Game): Work {
  const { cluster, registry } = game.board
  const worker = createWorker(game, (player, solvedId) => openNext(game, player, solvedId))
  const sweep = createSweep(game, worker)
  const followers = {
    cluster: cluster && createClusterFollower(game, cluster),
    registry: registry && createRegistryFollower(game, registry),
  }
  const layRounds = registry && createLayRounds(game)
  return {
    registry: followers.registry,
    async start() {
      game.dispatch.work((job) => worker.handle(job))
      cluster?.jobs.work((job) => advance(game, cluster, job))
      await sweep.start()
      if (cluster)
        void wakeLost(game, cluster).catch((error: unknown) =>
          game.log.warn(
            { err: error },
            'what clusters hold could not be read; workspaces are looked at every ten minutes',
          ),
        )
      followers.cluster?.start()
      followers.registry?.start()
      layRounds?.start()
    },
    async close() {
      // First of all: what looks now ends at once, and nobody below waits for it.
      worker.close()
      await sweep.close()
      await followers.cluster?.close()
      await layRounds?.close()
      await followers.registry?.close()
    },
  }
}

export interface Web {
  app: Express
  close(): void
}

export function openWeb(game: Game, work: Work | undefined, dataDir: string): Web {
  const views = createViews({ root: join(packageRoot(), 'views'), languages: game.hunt.languages })
  const sse = createSseHub(game)
  const readiness = createReadiness(game, dataDir)
  return {
    app: createApp({ game, views, sse, notices: work?.registry, readiness }),
    close: () => sse.close(),
  }
}

/** For a process that answers no pages: whether it lives, and what it measures. */
export function openOps(game: Game, dataDir: string): Web {
  return { app: createOpsApp(game, createReadiness(game, dataDir)), close: () => undefined }
}
