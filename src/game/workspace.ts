import { repositoriesOf } from '../db/repositories.ts'
import type { Game } from './game.ts'
import { progressOf } from './progress.ts'
import { openRepositories, type PlayerRef } from './provision.ts'
import { repositoryUrl } from './story.ts'

export interface Workspace {
  /** `making`: one of the repositories is not there yet; it is made when it is first asked for. `none`: no part of the board. */
  state: 'ready' | 'making' | 'none'
  repositories: {
    name: string
    url: string
    username: string
    password: 'your token'
    challenges: string[]
  }[]
}

/** What the player was given so far, one key for each part of the board. */
export async function workspaceOf(game: Game, player: PlayerRef, origin: string): Promise<Workspace> {
  if (!game.board.forge) return { state: 'none', repositories: [] }
  const due = openRepositories(game, await progressOf(game, player.playerId))
  const made = new Set(await repositoriesOf(game.sql, player.playerId))
  return {
    state: [...due.keys()].every((name) => made.has(name)) ? 'ready' : 'making',
    repositories: [...due].map(([name, challenges]) => ({
      name,
      url: repositoryUrl(origin, player.slug, name),
      username: player.slug,
      password: 'your token',
      challenges: challenges.map((challenge) => challenge.id),
    })),
  }
}
