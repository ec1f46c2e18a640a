import type { GitLogin, RepositoryAccess } from '../../board/forge/types.ts'
import type { Challenge } from '../../core/challenge.ts'
import type { PlayerRef } from '../../core/player.ts'
import { repositoriesOf } from '../../db/repositories.ts'
import type { Game } from '../game.ts'
import { progressOf } from '../progress.ts'
import { openRepositories } from './provision.ts'

/** One of a player's repositories, and how they reach it. */
export interface OwnRepository extends RepositoryAccess {
  name: string
}

/** The part of a workspace that lies on the forge. */
export interface GivenRepositories {
  /** `making`: one of them is not there yet; it is made when it is first asked for. */
  state: 'ready' | 'making'
  login: GitLogin
  /** With what is played in each, in the hunt's order. */
  repositories: readonly (OwnRepository & { challenges: readonly Challenge[] })[]
}

/** Where a challenge is played; null where it has no repository, or the board no forge. */
export function repositoryOf(
  { board: { forge } }: Pick<Game, 'board'>,
  slug: string,
  { repository: name }: Pick<Challenge, 'repository'>,
  origin: string,
): OwnRepository | null {
  return forge && name !== null ? { name, ...forge.access({ slug, name }, origin) } : null
}

/** The repositories of every challenge that has opened to a player; null where the board has no forge. */
export async function givenRepositories(
  game: Pick<Game, 'sql' | 'hunt' | 'board' | 'settings'>,
  player: PlayerRef,
  origin: string,
): Promise<GivenRepositories | null> {
  const { forge } = game.board
  if (!forge) return null
  const due = openRepositories(game, await progressOf(game, player.playerId))
  const made = new Set(await repositoriesOf(game.sql, player.playerId))
  return {
    state: [...due.keys()].every((name) => made.has(name)) ? 'ready' : 'making',
    login: forge.login(player.slug),
    repositories: [...due].map(([name, challenges]) => ({
      name,
      challenges,
      ...forge.access({ slug: player.slug, name }, origin),
    })),
  }
}
