import { z } from 'zod'
import { pageSize } from '../../game/standings/leaderboard.ts'
import { Refusal } from '../../lib/errors.ts'
import { sendPrepared } from '../request/prepared.ts'
import { route } from './route.ts'
import { count, number, standing, text, time } from './schemas.ts'

const leaderboard = z
  .object({
    version: z.int().meta({ description: 'Grows by one with each publication in a run of the server.' }),
    updatedAt: time,
    frozen: z.boolean(),
    total: count,
    rows: z.array(standing).max(pageSize),
    first: z
      .record(z.string(), z.string())
      .meta({ description: 'Challenge id to the slug of its first solver.' }),
    next: z.int().nullable().meta({ description: '`after` of the next page; null on the last.' }),
  })
  .meta({ id: 'Leaderboard' })

export const leaderboardRoute = route({
  method: 'get',
  path: '/leaderboard',
  id: 'getLeaderboard',
  about: `The leaderboard, ${pageSize} rows a page. Ask again with If-None-Match: unchanged pages answer 304.`,
  access: 'public',
  query: z.object({
    after: number(10_000_000, 'Rank of the last row that you have.').optional(),
    around: text({ most: 60, about: 'Slug of a player: the page that holds them.' }).optional(),
  }),
  headers: z.object({
    'If-None-Match': z.string().optional().meta({ description: '`ETag` of the page that you have.' }),
  }),
  answers: { 200: { about: 'A page.', schema: leaderboard }, 304: { about: 'You have it.' } },
  refusals: [404],
  handle({ game, query, req, res }) {
    const { standings, version, updatedAt } = game.leaderboard
    const from = Math.min(
      query.around === undefined ? (query.after ?? 0) : startOf(query.around),
      standings.total,
    )
    const prepared = game.leaderboard.prepared(`json ${from}`, () => {
      const to = from + pageSize
      const page = {
        version,
        updatedAt,
        frozen: game.leaderboard.frozen(),
        total: standings.total,
        rows: standings.rows(from, to),
        first: standings.first(),
        next: to < standings.total ? to : null,
      }
      return { type: 'application/json; charset=utf-8', body: JSON.stringify(page) }
    })
    sendPrepared(req, res, prepared)
    return null

    function startOf(slug: string): number {
      const rank = standings.rankOfSlug(slug)
      if (rank === null) throw new Refusal(404, 'no-player', 'There is no such player on the leaderboard.')
      return Math.floor((rank - 1) / pageSize) * pageSize
    }
  },
})
