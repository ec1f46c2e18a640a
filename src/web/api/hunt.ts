import { z } from 'zod'
import { registrations } from '../../core/hunt.ts'
import { pick } from '../../core/text.ts'
import { partsOf } from '../../game/game.ts'
import { route } from './route.ts'
import { langQuery, language, part, time } from './schemas.ts'

const moment = time.nullable()

const hunt = z
  .object({
    name: z.string(),
    teaser: z.string(),
    now: time,
    phase: z.enum(['before', 'running', 'after']),
    window: z.object({
      start: moment,
      end: moment,
      freeze: moment.meta({
        description: 'From here on the leaderboard stands still, until the organizers lift it.',
      }),
      timezone: z.string(),
    }),
    paused: z.boolean(),
    frozen: z.boolean(),
    registration: z.enum(registrations),
    languages: z.array(language),
    board: z.array(part).meta({ description: 'The parts that this board has.' }),
    announcement: z.object({ id: z.string(), text: z.string(), at: time }).nullable(),
  })
  .meta({ id: 'Hunt' })

export const huntRoute = route({
  method: 'get',
  path: '/hunt',
  id: 'getHunt',
  about: 'The hunt: its name, what time it is there, whether one may join.',
  access: 'public',
  query: langQuery,
  answers: { 200: { about: 'The hunt.', schema: hunt } },
  handle({ game, language, res }) {
    const { window, announcement, paused, registration } = game.settings
    res.vary('Accept-Language')
    const body = {
      name: pick(game.hunt.name, language),
      teaser: pick(game.hunt.teaser, language),
      now: new Date(),
      phase: game.settings.phase(),
      window: { ...window, timezone: game.hunt.timezone },
      paused,
      frozen: game.settings.frozen(),
      registration,
      languages: game.hunt.languages,
      board: [...partsOf(game)],
      announcement: announcement
        ? { id: announcement.id, text: pick(announcement.text, language), at: announcement.createdAt }
        : null,
    }
    return { status: 200, body }
  },
})
