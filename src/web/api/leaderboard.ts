import { z } from 'zod'
import { pageSize } from '../../game/leaderboard.ts'
import { Refusal } from '../../lib/errors.ts'
import { sendPrepared } from '../prepared.ts'
import { route } from './route.ts'
import { challengeId, slug, standing, time } from './schemas.ts'

const leaderboard = z
  .object({
    version: z.int(),
    updatedAt: time,
    frozen: z.boolean(),
    total: z.int(),
    rows: z.array(standing),
    first: z.record(challengeId, slug).meta({ description: 'Who solved each challenge first.' }),
    next: z.int().nullable().meta({ description: '`after` of the next page, null at the end.' }),
  })
  .meta({ id: 'Leaderboard' })

export const leaderboardApi = [
  route({
    method: 'get',
    path: '/leaderboard',
    id: 'getLeaderboard',
    about: 'Standings in pages of 100, best first. Send `If-None-Match`: nothing new answers 304.',
    access: 'public',
    query: z.object({
      after: z.coerce
        .number()
        .int()
        .min(0)
        .optional()
        .meta({ description: 'The rank that the page begins behind.' }),
      around: z
        .string()
        .max(40)
        .optional()
        .meta({ description: 'A player’s slug: the page that holds them.' }),
    }),
    answers: {
      200: { about: 'A page of standings.', schema: leaderboard },
      304: { about: 'Nothing changed.' },
    },
    refusals: [404],
    handle({ game, req, res, query }) {
      const board = game.leaderboard
      const from =
        query.around === undefined ? (query.after ?? 0) : pageOf(board.standings.rankOfSlug(query.around))
      const prepared = board.prepared(`api ${from}`, () => {
        const rows = board.standings.rows(from, from + pageSize)
        const { total } = board.standings
        const next = from + rows.length < total && rows.length > 0 ? from + rows.length : null
        const body = {
          version: board.version,
          updatedAt: board.updatedAt.toISOString(),
          frozen: board.frozen(),
          total,
          rows,
          first: board.standings.first(),
          next,
        }
        return { type: 'application/json; charset=utf-8', body: JSON.stringify(body) }
      })
      sendPrepared(req, res, prepared)
      return null
    },
  }),
]

function pageOf(rank: number | null): number {
  if (rank === null) throw new Refusal(404, 'no-player', 'There is no such player on the leaderboard.')
  return Math.floor((rank - 1) / pageSize) * pageSize
}
