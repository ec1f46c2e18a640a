import type { Game } from '../game/game.ts'
import type { State } from '../game/upkeep/readiness.ts'
import type { RegistryFollower } from '../game/triggers/follow-registry.ts'
import type { Views } from './view/view.ts'
import type { SseHub } from './sse/hub.ts'

/** What `createApp` is built from, in production and in tests alike. */
export interface WebDeps {
  game: Game
  views: Views
  sse: SseHub
  /** Hears what the registry tells; absent where this process looks at nothing, or the board has no registry. */
  notices?: Pick<RegistryFollower, 'moved'> | undefined
  /** Whether this process can do its work, and what is missing. */
  readiness: () => Promise<State>
}
