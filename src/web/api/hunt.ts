import { z } from 'zod'
import { boardParts } from '../../core/challenge.ts'
import { languages, pick } from '../../core/text.ts'
import { partsOf } from '../../game/game.ts'
import { route } from './route.ts'
import { time } from './schemas.ts'

const hunt = z
  .object({
    name: z.string(),
    teaser: z.string(),
    now: time,
    phase: z.enum(['before', 'running', 'after']),
    window: z.object({
      start: time.nullable(),
      end: time.nullable(),
      freeze: time.nullable(),
      timezone: z.string().meta({ description: 'IANA name.' }),
    }),
    paused: z.boolean(),
    frozen: z.boolean(),
    registration: z.enum(['open', 'code', 'closed']),
    languages: z.array(z.enum(languages)),
    board: z.array(z.enum(boardParts)),
  })
  .meta({ id: 'Hunt' })

export const huntRoutes = [
  route({
    method: 'get',
    path: '/hunt',
    id: 'getHunt',
    about: 'What this hunt is, and when.',
    access: 'public',
    query: z.object({ lang: z.enum(languages).optional() }),
    answers: { 200: { about: 'The hunt.', schema: hunt } },
    handle({ game, language }) {
      const { settings } = game
      const iso = (at: Date | null) => at?.toISOString() ?? null
      const { start, end, freeze } = settings.window
      const body = {
        name: pick(game.hunt.name, language),
        teaser: pick(game.hunt.teaser, language),
        now: new Date().toISOString(),
        phase: settings.phase(),
        window: { start: iso(start), end: iso(end), freeze: iso(freeze), timezone: game.hunt.timezone },
        paused: settings.paused,
        frozen: settings.frozen(),
        registration: settings.registration,
        languages: game.hunt.languages,
        board: [...partsOf(game)],
      }
      return { status: 200, body, headers: { 'Cache-Control': 'no-cache' } }
    },
  }),
]
