import { z } from 'zod'
import { solvesOf } from '../../db/solves.ts'
import { exportPlayer } from '../../game/export.ts'
import { leave } from '../../game/leave.ts'
import { playerOf, route } from './route.ts'
import { challengeId, slug, time } from './schemas.ts'

const me = z
  .object({
    slug,
    name: z.string(),
    email: z.string().nullable(),
    language: z.string(),
    score: z.int().meta({ description: 'One’s own goes on while the leaderboard is frozen.' }),
    rank: z.int().nullable().meta({ description: 'As the leaderboard shows it; null while hidden.' }),
    solves: z.array(z.object({ challenge: challengeId, at: time, award: z.int(), hintsCost: z.int() })),
  })
  .meta({ id: 'Me' })

export const meApi = [
  route({
    method: 'get',
    path: '/me',
    id: 'getMe',
    about: 'Your own row, with score and rank.',
    access: 'player',
    answers: { 200: { about: 'You.', schema: me } },
    async handle({ game, req }) {
      const player = playerOf(req)
      const solves = await solvesOf(game.sql, player.playerId)
      const body = {
        slug: player.slug,
        name: player.name,
        email: req.user?.email ?? null,
        language: req.user?.language ?? 'en',
        score: solves.reduce((sum, solve) => sum + solve.award, 0),
        rank: game.leaderboard.standings.rankOf(player.playerId),
        solves: solves.map(({ challengeId: challenge, solvedAt, award, hintsCost }) => ({
          challenge,
          at: solvedAt.toISOString(),
          award,
          hintsCost,
        })),
      }
      return { status: 200, body }
    },
  }),
  route({
    method: 'get',
    path: '/me/export',
    id: 'exportMe',
    about:
      'Everything that the hunt holds of you: export.json and a Git bundle of each repository, as a tar archive.',
    access: 'player',
    answers: { 200: { about: 'The archive.', type: 'application/x-tar' } },
    async handle({ game, req, res }) {
      if (req.user) await exportPlayer(game, req.user, res)
      return null
    },
  }),
  route({
    method: 'delete',
    path: '/me',
    id: 'leave',
    about: 'Leaves the hunt: name, credentials and repositories are removed at once and for good.',
    access: 'player',
    answers: { 204: { about: 'You left the hunt.' } },
    async handle({ game, req }) {
      await leave(game, playerOf(req))
      return { status: 204 }
    },
  }),
]
