import { repositoriesOf } from '../../db/repositories.ts'
import type { Language } from '../../core/text.ts'
import type { Game } from '../../game/game.ts'
import { openRepositories, type PlayerRef } from '../../game/provision.ts'
import { progressOf } from '../../game/progress.ts'
import { repositoryUrl } from '../../game/story.ts'
import type { WorkspaceModel } from '../models.ts'
import { stageRef } from './stage.ts'

/** What the player was given so far. */
export async function workspaceModel(
  game: Game,
  player: PlayerRef,
  language: Language,
  origin: string,
): Promise<WorkspaceModel> {
  const due = openRepositories(game, await progressOf(game, player.playerId))
  const made = new Set(await repositoriesOf(game.sql, player.playerId))
  return {
    forge: game.board.forge !== undefined,
    state: [...due.keys()].every((name) => made.has(name)) ? 'ready' : 'making',
    username: player.slug,
    repositories: [...due].map(([name, challenges]) => ({
      name,
      url: repositoryUrl(origin, player.slug, name),
      stages: challenges.map((challenge) => stageRef(challenge, language)),
    })),
  }
}
