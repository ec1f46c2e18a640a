import { z } from 'zod'
import { passwordLength } from '../../game/people/passwords.ts'
import { register } from '../../game/people/register.ts'
import { workspaceOf } from '../../game/workspaces/workspace.ts'
import { route } from './route.ts'
import { language, text, workspace } from './schemas.ts'

const email = new RegExp(`^$|${z.regexes.email.source}`)

export const playersRoute = route({
  method: 'post',
  path: '/players',
  id: 'createPlayer',
  about: 'Registers a player. The token is shown this once: it opens the API and is your password for Git.',
  access: 'anyone',
  limit: 'address',
  body: z.strictObject({
    name: text({ least: 2, most: 200, game: true, about: '2 to 32 characters, all of them to be seen.' }),
    password: text({
      least: passwordLength.min,
      most: passwordLength.max,
      game: true,
      about: 'For the pages.',
    }),
    email: text({ most: 200, like: email, game: true }).optional(),
    code: text({ most: 1000, about: 'Where registration asks for one.' }).optional(),
    language: language.optional(),
  }),
  answers: {
    201: {
      about: 'Registered.',
      schema: z.object({ slug: z.string(), name: z.string(), token: z.string(), workspace }),
    },
  },
  refusals: [403],
  async handle({ game, req, guesses, body, language, origin }) {
    const given = { ...body, language: body.language ?? language }
    const made = await guesses.code(req, () => register(game, given))
    const { slug, name, token } = made
    return { status: 201, body: { slug, name, token, workspace: await workspaceOf(game, made, origin) } }
  },
})
