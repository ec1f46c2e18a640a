import { z } from 'zod'
import { tokensOf, type TokenRow } from '../../db/tokens.ts'
import { createToken, revokeToken } from '../../game/tokens.ts'
import { memberOf } from '../guards.ts'
import { route } from './route.ts'
import { page, token } from './schemas.ts'

function line({ id, name, createdAt, lastUsedAt }: TokenRow) {
  return { id, name, createdAt: createdAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null }
}

export const tokensApi = [
  route({
    method: 'get',
    path: '/tokens',
    id: 'listTokens',
    about: 'Your tokens, without their secrets.',
    access: 'member',
    answers: { 200: { about: 'All of them.', schema: page(token) } },
    async handle({ game, req }) {
      return {
        status: 200,
        body: { items: (await tokensOf(game.sql, memberOf(req).id)).map(line), next: null },
      }
    },
  }),
  route({
    method: 'post',
    path: '/tokens',
    id: 'createToken',
    about: 'Makes a token, which is shown this once.',
    access: 'member',
    limit: 'changes',
    body: z.object({ name: z.string().min(1).max(60).meta({ example: 'laptop' }) }),
    answers: { 201: { about: 'The token.', schema: token.extend({ token: z.string() }) } },
    refusals: [409],
    async handle({ game, req, body }) {
      const made = await createToken(game.sql, memberOf(req).id, body.name)
      return { status: 201, body: { ...line(made), token: made.token } }
    },
  }),
  route({
    method: 'delete',
    path: '/tokens/{id}',
    id: 'revokeToken',
    about: 'Revokes a token at once.',
    access: 'member',
    limit: 'changes',
    params: z.object({ id: z.string() }),
    answers: { 204: { about: 'Revoked.' } },
    refusals: [404],
    async handle({ game, req, params }) {
      await revokeToken(game, memberOf(req).id, params.id)
      return { status: 204 }
    },
  }),
]
