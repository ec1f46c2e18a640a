import { z } from 'zod'
import { register } from '../../game/register.ts'
import { workspaceOf } from './workspace.ts'
import { route } from './route.ts'
import { language, slug, workspace } from './schemas.ts'

export const playersApi = [
  route({
    method: 'post',
    path: '/players',
    id: 'register',
    about: 'Joins the hunt: a player with a first token and a workspace.',
    access: 'anyone',
    limit: 'address',
    body: z.object({
      name: z.string().max(200).meta({ description: '2 to 32 characters.', example: 'Ada' }),
      password: z.string().max(1000).meta({ description: 'At least 8 characters.' }),
      email: z.string().max(200).optional(),
      code: z.string().max(200).optional().meta({ description: 'Where registration needs one.' }),
      language: language.optional(),
    }),
    answers: {
      201: {
        about: 'Registered. The token is shown this once.',
        schema: z.object({ slug, name: z.string(), token: z.string(), workspace }),
      },
    },
    refusals: [403, 409],
    async handle(call) {
      const { game, body } = call
      const made = await register(game, { ...body, language: body.language ?? call.language })
      const given = {
        slug: made.slug,
        name: made.name,
        token: made.token,
        workspace: await workspaceOf(game, made, call.origin),
      }
      return { status: 201, body: given }
    },
  }),
]
