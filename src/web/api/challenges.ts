import { z } from 'zod'
import { pick, languages, type Language } from '../../core/text.ts'
import type { Challenge } from '../../core/challenge.ts'
import type { Game } from '../../game/game.ts'
import { hintsShown, takeHint } from '../../game/hints.ts'
import { openChallenge, progressOf, publicStates } from '../../game/progress.ts'
import { resetChallenge } from '../../game/provision.ts'
import { storyFor } from '../../game/story.ts'
import { submit, wantsAnswer } from '../../game/submit.ts'
import { playerOf, route } from './route.ts'
import { challenge, challengeId, challengeLine, hint, page } from './schemas.ts'

const lang = z.object({ lang: z.enum(languages).optional() })
const byId = z.object({ id: challengeId })

function line(
  game: Game,
  one: Challenge,
  states: ReadonlyMap<string, z.output<typeof challengeLine>['state']>,
  language: Language,
) {
  return {
    id: one.id,
    order: one.order,
    title: pick(one.title, language),
    teaser: pick(one.teaser, language),
    points: one.points,
    state: states.get(one.id) ?? 'locked',
    after: [...one.after],
    needs: [...one.needs],
    solves: game.leaderboard.standings.solveCounts()[one.id] ?? 0,
  }
}

export const challengesApi = [
  route({
    method: 'get',
    path: '/challenges',
    id: 'listChallenges',
    about: 'All challenges, in their order; with a token, as they are for you.',
    access: 'anyone',
    query: lang,
    answers: { 200: { about: 'The challenges.', schema: page(challengeLine) } },
    async handle({ game, req, language }) {
      const { playerId = null } = req.user ?? {}
      const states = playerId === null ? publicStates(game) : (await progressOf(game, playerId)).states
      return {
        status: 200,
        body: { items: game.hunt.challenges.map((one) => line(game, one, states, language)), next: null },
      }
    },
  }),
  route({
    method: 'get',
    path: '/challenges/{id}',
    id: 'getChallenge',
    about:
      'Story, checks, hints, commands and repository. A locked one answers 403 and names what is missing.',
    access: 'player',
    params: byId,
    query: lang,
    answers: { 200: { about: 'The challenge.', schema: challenge } },
    refusals: [403, 404],
    async handle({ game, req, params, language, origin }) {
      const player = playerOf(req)
      const { challenge: one, progress } = await openChallenge(game, player.playerId, params.id)
      const hints = await hintsShown(game, player, one.id)
      const body = {
        ...line(game, one, progress.states, language),
        ...(await storyFor(game, player, one, { language, origin })),
        checks: one.checks.map((check) => ({ name: pick(check.name, language), kind: check.kind })),
        hints: hints.map((shown) => ({ ...shown, text: shown.text && pick(shown.text, language) })),
        answer: wantsAnswer(one),
      }
      return { status: 200, body }
    },
  }),
  route({
    method: 'post',
    path: '/challenges/{id}/submissions',
    id: 'submit',
    about: 'Asks for a verdict on what is there now, or on an answer. Read it at `Location`.',
    access: 'player',
    limit: 'submissions',
    params: byId,
    body: z.object({ answer: z.string().max(10_000).optional() }),
    answers: { 202: { about: 'Queued.', schema: z.object({ id: z.uuid() }) } },
    refusals: [403, 404, 409],
    async handle({ game, req, params, body }) {
      const player = playerOf(req)
      const id = await submit(game, {
        player,
        memberId: player.memberId,
        challengeId: params.id,
        trigger: 'api',
        ...(body.answer !== undefined && { answer: body.answer }),
      })
      return { status: 202, body: { id }, headers: { Location: `/api/v1/submissions/${id}` } }
    },
  }),
  route({
    method: 'post',
    path: '/challenges/{id}/reset',
    id: 'resetChallenge',
    about: 'Lays the starter of the challenge’s repository anew. What was pushed is gone.',
    access: 'player',
    limit: 'changes',
    params: byId,
    answers: { 202: { about: 'Done.', schema: z.object({ repository: z.string().nullable() }) } },
    refusals: [403, 404, 409],
    async handle({ game, req, params }) {
      await resetChallenge(game, playerOf(req), params.id)
      const { repository = null } = game.hunt.challenges.find((one) => one.id === params.id) ?? {}
      return { status: 202, body: { repository } }
    },
  }),
  route({
    method: 'post',
    path: '/challenges/{id}/hints/{number}',
    id: 'takeHint',
    about: 'Takes a hint. Its price is charged at the solve; taking it again costs nothing.',
    access: 'player',
    limit: 'changes',
    params: byId.extend({ number: z.coerce.number().int().min(1).max(99) }),
    query: lang,
    answers: { 200: { about: 'The hint with its text.', schema: hint } },
    refusals: [403, 404, 409],
    async handle({ game, req, params, language }) {
      const taken = await takeHint(game, playerOf(req), params.id, params.number)
      return { status: 200, body: { ...taken, text: taken.text && pick(taken.text, language) } }
    },
  }),
]
