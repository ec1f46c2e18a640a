import { challengeRoutes } from './challenges.ts'
import { eventsRoute } from './events.ts'
import { huntRoute } from './hunt.ts'
import { leaderboardRoute } from './leaderboard.ts'
import { meRoutes } from './me.ts'
import { playersRoute } from './players.ts'
import type { Route } from './route.ts'
import { submissionRoutes } from './submissions.ts'
import { tokenRoutes } from './tokens.ts'
import { workspaceRoutes } from './workspace.ts'

/** Answered from memory, before any session is looked for. */
export const publicRoutes: readonly Route[] = [leaderboardRoute, huntRoute]

export const privateRoutes: readonly Route[] = [
  playersRoute,
  ...meRoutes,
  ...tokenRoutes,
  ...workspaceRoutes,
  ...challengeRoutes,
  ...submissionRoutes,
  eventsRoute,
]
