import { z } from 'zod'
import { register } from '../../game/people/register.ts'
import { workspaceOf } from '../../game/workspaces/workspace.ts'
import { route } from './route.ts'
import { language, workspace } from './schemas.ts'

// Lengths are the game's to refuse, in words for people; here they only bound the work.
const text = z.string().max(1000)

export const playersRoute = route({
  method: 'post',
  path: '/players',
  id: 'createPlayer',
  about: 'Registers a player. The token is shown this once: it opens the API and is your password for Git.',
  access: 'anyone',
  limit: 'address',
  body: z.strictObject({
    name: text.meta({ description: '2 to 32 characters, all of them to be seen.' }),
    password: text.meta({ description: 'For the pages: 8 to 200 characters.' }),
    email: text.optional(),
    code: text.optional().meta({ description: 'Where registration asks for one.' }),
    language: language.optional(),
  }),
  answers: {
    201: {
      about: 'Registered.',
      schema: z.object({ slug: z.string(), name: z.string(), token: z.string(), workspace }),
    },
  },
  refusals: [403, 409, 415, 422],
  async handle({ game, req, guesses, body, language, origin }) {
    const given = { ...body, language: body.language ?? language }
    const made = await guesses.code(req, () => register(game, given))
    const { slug, name, token } = made
    return { status: 201, body: { slug, name, token, workspace: await workspaceOf(game, made, origin) } }
  },
})
