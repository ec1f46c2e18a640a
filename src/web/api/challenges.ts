import { z } from 'zod'
import { type Challenge, wantsAnswer } from '../../core/challenge.ts'
import { pick, type Language } from '../../core/text.ts'
import type { ChallengeState } from '../../core/unlock.ts'
import { challengeOf, type Game } from '../../game/game.ts'
import { hintsShown, takeHint, type ShownHint } from '../../game/judging/hints.ts'
import { openChallenge, progressOf, publicStates } from '../../game/progress.ts'
import { resetChallenge } from '../../game/handing-out/provision.ts'
import { repositoryOf } from '../../game/handing-out/repositories.ts'
import { storyFor } from '../../game/handing-out/story.ts'
import { Refusal } from '../../lib/errors.ts'
import { playerOf, route } from './route.ts'
import { challengeId, challengeLine, count, langQuery, language, repository, text, time } from './schemas.ts'

const hint = z
  .object({
    number: z.int(),
    price: count,
    taken: z.boolean(),
    text: z.string().nullable().meta({ description: 'Markdown; null until it is taken.' }),
  })
  .meta({ id: 'Hint' })

const images = z
  .array(z.string())
  .meta({ description: 'What the stage laid below your registry path, such as `chest:1.0`.' })

const challenge = z
  .object({
    ...challengeLine.shape,
    solvedAt: time.nullable(),
    language,
    story: z.string().meta({ description: 'Markdown, with your values in it.' }),
    checks: z.array(z.object({ name: z.string(), kind: z.string() })),
    hints: z.array(hint),
    commands: z.string().nullable().meta({ description: 'The lines to type, with your values in them.' }),
    repository: repository.nullable(),
    images,
    answer: z.boolean().meta({ description: 'Whether a submission has to bring an answer.' }),
  })
  .meta({ id: 'Challenge' })

const byId = z.object({ id: challengeId })

const list = route({
  method: 'get',
  path: '/challenges',
  id: 'listChallenges',
  about: 'The stages of the hunt in their order; with a token, as they stand for you.',
  access: 'anyone',
  query: langQuery,
  answers: { 200: { about: 'All of them.', schema: z.array(challengeLine) } },
  async handle({ game, req, res, language }) {
    res.vary('Authorization').vary('Cookie').vary('Accept-Language')
    const playerId = req.user?.playerId ?? null
    const states = playerId === null ? publicStates(game) : (await progressOf(game, playerId)).states
    const solves = game.leaderboard.standings.solveCounts()
    return {
      status: 200,
      body: game.hunt.challenges.map((one) => lineOf(one, states.get(one.id), solves, language)),
    }
  },
})

const read = route({
  method: 'get',
  path: '/challenges/{id}',
  id: 'getChallenge',
  about:
    'A stage that is open to you: story, checks, hints, the lines to type. A locked one names what is missing.',
  access: 'player',
  params: byId,
  query: langQuery,
  answers: { 200: { about: 'The stage.', schema: challenge } },
  refusals: [403, 404],
  async handle({ game, req, params, language, origin }) {
    const player = playerOf(req)
    const { challenge, progress } = await openChallenge(game, player.playerId, params.id)
    const told = await storyFor(game, player, challenge, { language, origin })
    const solves = game.leaderboard.standings.solveCounts()
    const hints = await hintsShown(game, player, challenge.id)
    const body = {
      ...lineOf(challenge, progress.states.get(challenge.id), solves, language),
      solvedAt: progress.solves.get(challenge.id)?.solvedAt ?? null,
      language,
      ...told,
      checks: challenge.checks.map((check) => ({ name: pick(check.name, language), kind: check.kind })),
      hints: hints.map((one) => hintOf(one, language)),
      images: [...(challenge.images ?? [])],
      answer: wantsAnswer(challenge),
    }
    return { status: 200, body }
  },
})

const reset = route({
  method: 'post',
  path: '/challenges/{id}/reset',
  id: 'resetChallenge',
  about:
    'Starts the stage again: its repository and its images are laid anew, and what was pushed over them is gone.',
  access: 'player',
  limit: 'changes',
  params: byId,
  answers: {
    202: { about: 'It is as it was.', schema: z.object({ repository: repository.nullable(), images }) },
  },
  refusals: [403, 404],
  async handle({ game, req, params, origin }) {
    const player = playerOf(req)
    await resetChallenge(game, player, params.id)
    const challenge = challengeOf(game, params.id)
    return { status: 202, body: startersOf(game, challenge, player.slug, origin) }
  },
})

const takeOne = route({
  method: 'post',
  path: '/challenges/{id}/hints/{n}',
  id: 'takeHint',
  about: 'Takes a hint. Its price is charged at the solve; taking it again costs nothing.',
  access: 'player',
  limit: 'changes',
  params: byId.extend({
    n: text({ most: 20, about: 'Its number, from 1.' }).meta({
      override: { type: 'integer', minimum: 1, maximum: 9 },
    }),
  }),
  query: langQuery,
  answers: { 200: { about: 'The hint.', schema: hint } },
  refusals: [403, 404],
  async handle({ game, req, params, language }) {
    if (!/^[1-9]$/.test(params.n)) throw new Refusal(404, 'no-hint', 'There is no such hint.')
    const taken = await takeHint(game, playerOf(req), params.id, Number(params.n))
    return { status: 200, body: hintOf(taken, language) }
  },
})

export const challengeRoutes = [list, read, reset, takeOne]

function lineOf(
  one: Challenge,
  state: ChallengeState | undefined,
  solves: Readonly<Record<string, number>>,
  language: Language,
) {
  return {
    id: one.id,
    order: one.order,
    title: pick(one.title, language),
    teaser: pick(one.teaser, language),
    points: one.points,
    state: state ?? 'locked',
    after: one.after,
    needs: one.needs,
    solves: solves[one.id] ?? 0,
  }
}

function hintOf({ number, price, taken, text }: ShownHint, language: Language) {
  return { number, price, taken, text: text && pick(text, language) }
}

function startersOf(game: Pick<Game, 'board'>, challenge: Challenge, slug: string, origin: string) {
  const repository = repositoryOf(game, slug, challenge, origin)
  return {
    repository: repository && { name: repository.name, url: repository.url },
    images: [...(challenge.images ?? [])],
  }
}
