import { z } from 'zod'
import { tokensOf } from '../../db/tokens.ts'
import { createToken, revokeToken } from '../../game/people/tokens.ts'
import { Refusal } from '../../lib/errors.ts'
import { route } from './route.ts'
import { anyId, text, time } from './schemas.ts'

const token = z
  .object({ id: z.string(), name: z.string(), createdAt: time, lastUsedAt: time.nullable() })
  .meta({ id: 'Token' })

const list = route({
  method: 'get',
  path: '/tokens',
  id: 'listTokens',
  about: 'Your tokens, without their text.',
  access: 'member',
  answers: { 200: { about: 'All of them.', schema: z.object({ rows: z.array(token) }) } },
  async handle({ game, req }) {
    return { status: 200, body: { rows: await tokensOf(game.sql, memberId(req)) } }
  },
})

const create = route({
  method: 'post',
  path: '/tokens',
  id: 'createToken',
  about: 'Makes a token. Its text is shown this once.',
  access: 'member',
  limit: 'changes',
  body: z.strictObject({
    name: text({
      least: 1,
      most: 200,
      game: 'but length',
      about: 'Where you use it, such as `laptop`.',
      like: /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u,
    }),
  }),
  answers: { 201: { about: 'Made.', schema: z.object({ ...token.shape, token: z.string() }) } },
  async handle({ game, req, body }) {
    return { status: 201, body: await createToken(game, memberId(req), body.name) }
  },
})

const revoke = route({
  method: 'delete',
  path: '/tokens/{id}',
  id: 'revokeToken',
  about: 'Revokes a token, also the one that you ask with.',
  access: 'member',
  limit: 'changes',
  params: z.object({ id: anyId }),
  answers: { 204: { about: 'Revoked.' } },
  refusals: [404],
  async handle({ game, req, params }) {
    await revokeToken(game, memberId(req), params.id)
    return { status: 204 }
  },
})

export const tokenRoutes = [list, create, revoke]

function memberId(req: Express.Request): string {
  if (!req.user) throw new Refusal(401, 'unauthorized', 'Log in first.')
  return req.user.id
}
