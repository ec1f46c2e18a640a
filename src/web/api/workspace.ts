import { workspaceOf } from '../../game/workspace.ts'
import { playerOf, route } from './route.ts'
import { workspace } from './schemas.ts'

export const workspaceRoute = route({
  method: 'get',
  path: '/workspace',
  id: 'getWorkspace',
  about: 'What you were given: your repositories, and where to reach them.',
  access: 'player',
  answers: { 200: { about: 'The workspace.', schema: workspace } },
  async handle({ game, req, origin }) {
    return { status: 200, body: await workspaceOf(game, playerOf(req), origin) }
  },
})
