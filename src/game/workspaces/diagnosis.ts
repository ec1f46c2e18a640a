import { diagnoseNamespace } from '../../checks/kubernetes/namespace.ts'
import type { Problem } from '../../core/problem.ts'
import { withDeadline } from '../../lib/deadline.ts'
import { Inconclusive } from '../../lib/errors.ts'
import { playerCluster } from '../clusters.ts'
import type { Game } from '../game.ts'
import type { PlayerRef } from '../../core/player.ts'

/** Why things in a player's namespaces do not run; empty where all does. */
export type Diagnosis = (player: PlayerRef) => Promise<Problem[] | null>

/**
 * Looks for `patienceMs` at most and gives null where that is not enough, or where there is nothing to look at. Whoever asks
 * while a look at the same player goes on gets what that one sees: reloading a page costs the cluster nothing.
 */
export function createDiagnosis(
  game: Pick<Game, 'server' | 'sql' | 'hunt' | 'board' | 'log'>,
  patienceMs: number,
): Diagnosis {
  const going = new Map<string, Promise<Problem[] | null>>()
  return async (player) => {
    const known = going.get(player.playerId)
    if (known) return await known
    const look = diagnose(game, player, patienceMs).finally(() => going.delete(player.playerId))
    going.set(player.playerId, look)
    return await look
  }
}

async function diagnose(
  game: Pick<Game, 'server' | 'sql' | 'hunt' | 'board' | 'log'>,
  { playerId }: PlayerRef,
  patienceMs: number,
): Promise<Problem[] | null> {
  const cluster = playerCluster(game, playerId)
  if (!cluster) return null
  try {
    const problems = await withDeadline(patienceMs, null, (signal) =>
      Promise.all(
        ['', ...game.hunt.workspace.environments].map(async (environment) =>
          diagnoseNamespace(await cluster.namespace(environment), signal),
        ),
      ),
    )
    return problems.flat()
  } catch (error) {
    if (error instanceof Inconclusive) return null
    // The page does without; what it says beside the verdict is a help, not the verdict.
    game.log.warn({ err: error, playerId }, 'a namespace could not be diagnosed')
    return null
  }
}
