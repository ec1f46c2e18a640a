import { z } from 'zod'
import { solvesOf } from '../../db/solves.ts'
import { exportPlayer } from '../../game/people/export.ts'
import { leave } from '../../game/people/leave.ts'
import { playerOf, route } from './route.ts'
import { count, language, time } from './schemas.ts'

const me = z
  .object({
    slug: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    language,
    createdAt: time,
    score: count.meta({ description: 'Yours goes on while the leaderboard is frozen.' }),
    rank: z
      .int()
      .nullable()
      .meta({ description: 'As the leaderboard says; null while you are hidden from it.' }),
    total: count,
    frozen: z.boolean(),
    solved: z.record(
      z.string(),
      z.object({ at: time, points: count, hintsCost: count, award: count, submission: z.uuid() }),
    ),
  })
  .meta({ id: 'Me' })

const read = route({
  method: 'get',
  path: '/me',
  id: 'getMe',
  about: 'Your own row, with score and rank.',
  access: 'player',
  answers: { 200: { about: 'You.', schema: me } },
  async handle({ game, req }) {
    const { playerId, slug, name } = playerOf(req)
    const solves = await solvesOf(game.sql, playerId)
    const { standings } = game.leaderboard
    const body = {
      slug,
      name,
      email: req.user?.email ?? null,
      language: req.user?.language,
      createdAt: req.user?.createdAt,
      score: solves.reduce((sum, solve) => sum + solve.award, 0),
      rank: standings.rankOf(playerId),
      total: standings.total,
      frozen: game.leaderboard.frozen(),
      solved: Object.fromEntries(
        solves.map(({ challengeId, solvedAt: at, points, hintsCost, award, submissionId: submission }) => [
          challengeId,
          { at, points, hintsCost, award, submission },
        ]),
      ),
    }
    return { status: 200, body }
  },
})

const takeAway = route({
  method: 'get',
  path: '/me/export',
  id: 'exportMe',
  about:
    'Everything that the hunt holds of you: `export.json` and your repositories as Git bundles, in a tar archive.',
  access: 'player',
  limit: 'changes',
  answers: {
    200: { about: 'The archive.', schema: z.string().meta({ format: 'binary' }), type: 'application/x-tar' },
  },
  async handle({ game, req, res }) {
    if (req.user) await exportPlayer(game, req.user, res)
    return null
  },
})

const remove = route({
  method: 'delete',
  path: '/me',
  id: 'leaveHunt',
  about:
    'You leave the hunt, at once and for good: name, credentials and repositories are removed. Solves stay, without a name.',
  access: 'player',
  limit: 'changes',
  answers: { 204: { about: 'Gone.' } },
  async handle({ game, req }) {
    await leave(game, playerOf(req))
    return { status: 204 }
  },
})

export const meRoutes = [read, takeAway, remove]
