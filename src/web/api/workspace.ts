import type { z } from 'zod'
import type { Game } from '../../game/game.ts'
import type { PlayerRef } from '../../game/provision.ts'
import { workspaceModel } from '../present/workspace.ts'
import { playerOf, route } from './route.ts'
import { workspace } from './schemas.ts'

/** What the player was given, as scripts read it. */
export async function workspaceOf(
  game: Game,
  player: PlayerRef,
  origin: string,
): Promise<z.output<typeof workspace>> {
  const { state, username, repositories } = await workspaceModel(game, player, 'en', origin)
  return {
    state,
    repositories: repositories.map(({ name, url, stages }) => ({
      name,
      url,
      username,
      password: 'your token',
      challenges: stages.map((stage) => stage.id),
    })),
  }
}

export const workspaceApi = [
  route({
    method: 'get',
    path: '/workspace',
    id: 'getWorkspace',
    about: 'The repositories that are open to you.',
    access: 'player',
    answers: { 200: { about: 'Your workspace.', schema: workspace } },
    async handle({ game, req, origin }) {
      return { status: 200, body: await workspaceOf(game, playerOf(req), origin) }
    },
  }),
]
