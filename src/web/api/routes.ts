import { challengesApi } from './challenges.ts'
import { eventsApi } from './events.ts'
import { huntRoutes } from './hunt.ts'
import { leaderboardApi } from './leaderboard.ts'
import { meApi } from './me.ts'
import { playersApi } from './players.ts'
import type { Route } from './route.ts'
import { submissionsApi } from './submissions.ts'
import { tokensApi } from './tokens.ts'
import { workspaceApi } from './workspace.ts'

/** Reads that need no session and no query. */
export const publicRoutes: readonly Route[] = [...huntRoutes, ...leaderboardApi]

export const privateRoutes: readonly Route[] = [
  ...playersApi,
  ...meApi,
  ...tokensApi,
  ...workspaceApi,
  ...challengesApi,
  ...submissionsApi,
  ...eventsApi,
]
