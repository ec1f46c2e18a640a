import { z } from 'zod'
import { pick, type Language } from '../../core/text.ts'
import type { CheckResult } from '../../core/verdict.ts'
import { listSubmissions, resultsOf, submissionById, type SubmissionRow } from '../../db/submissions.ts'
import { answerLength, submit } from '../../game/judging/submit.ts'
import { Refusal } from '../../lib/errors.ts'
import { decodeCursor, encodeCursor } from '../request/cursor.ts'
import { playerOf, route } from './route.ts'
import { anyId, challengeId, cursor, langQuery, number, submission, submissionLine, text } from './schemas.ts'
import { waitForLook } from '../../game/judging/wait.ts'

const perPage = 50

const create = route({
  method: 'post',
  path: '/challenges/{id}/submissions',
  id: 'createSubmission',
  about:
    'Asks for a verdict on what you pushed, or on an answer. One that still waits for its first look is superseded by a newer one.',
  access: 'player',
  limit: 'submissions',
  params: z.object({ id: challengeId }),
  body: z.strictObject({
    answer: text({
      least: 1,
      most: answerLength,
      game: true,
      about: 'Where the stage asks for one.',
      like: /\S/,
    }).optional(),
  }),
  answers: { 202: { about: 'Queued. Location leads to the verdict.', schema: z.object({ id: z.uuid() }) } },
  refusals: [403, 404],
  async handle({ game, req, params, body }) {
    const player = playerOf(req)
    const given = { player, memberId: player.memberId, challengeId: params.id, answer: body.answer }
    const id = await submit(game, { ...given, trigger: 'api' })
    return { status: 202, body: { id }, headers: { Location: `/api/v1/submissions/${id}` } }
  },
})

const read = route({
  method: 'get',
  path: '/submissions/{id}',
  id: 'getSubmission',
  about: 'A submission of yours with its verdict, and what each check found.',
  access: 'player',
  params: z.object({ id: anyId }),
  query: langQuery.extend({
    wait: number(30, 'Seconds to wait for a verdict; then it answers as things are.').optional(),
  }),
  answers: { 200: { about: 'The submission.', schema: submission } },
  refusals: [404],
  async handle({ game, req, params, query, language, signal }) {
    const { playerId } = playerOf(req)
    const own = async () => {
      const row = z.uuid().safeParse(params.id).success
        ? await submissionById(game.sql, params.id)
        : undefined
      if (row?.playerId !== playerId)
        throw new Refusal(404, 'no-submission', 'There is no such submission of yours.')
      return row
    }
    let row = await own()
    if (query.wait !== undefined) {
      await waitForLook(game, row.id, query.wait * 1000, signal)
      row = await own()
    }
    const results = await resultsOf(game.sql, row.id)
    return {
      status: 200,
      body: {
        ...lineOf(row),
        ...(row.waitsFor && { waitsFor: pick(row.waitsFor, language) }),
        checks: results.map((result) => checkOf(result, language)),
      },
    }
  },
})

const list = route({
  method: 'get',
  path: '/submissions',
  id: 'listSubmissions',
  about: `Your submissions, newest first, ${perPage} a page.`,
  access: 'player',
  query: z.object({
    challenge: challengeId.optional(),
    after: cursor.optional(),
  }),
  answers: {
    200: {
      about: 'A page.',
      schema: z.object({ rows: z.array(submissionLine), next: z.string().nullable() }),
    },
  },
  async handle({ game, req, query }) {
    const after = query.after === undefined ? undefined : decodeCursor(query.after)
    if (after === null)
      throw new Refusal(422, 'cursor', 'This is not a cursor of ours: take `next` of the page before.')
    const filter = { playerId: playerOf(req).playerId, challengeId: query.challenge, after }
    const rows = await listSubmissions(game.sql, { ...filter, limit: perPage + 1 })
    const last = rows.length > perPage ? rows[perPage - 1] : undefined
    return {
      status: 200,
      body: { rows: rows.slice(0, perPage).map(lineOf), next: last ? encodeCursor(last) : null },
    }
  },
})

export const submissionRoutes = [create, read, list]

function lineOf(row: SubmissionRow) {
  return {
    id: row.id,
    challenge: row.challengeId,
    trigger: row.trigger,
    receivedAt: row.receivedAt,
    status: row.status,
    attempt: row.attempt,
    ...(row.retryAt && { retryAt: row.retryAt }),
    ...(row.supersededBy !== null && { supersededBy: row.supersededBy }),
    ...(row.finishedAt && { finishedAt: row.finishedAt }),
    ...(row.countsFrom && { countsFrom: row.countsFrom }),
    ...(row.waitsFor && row.waitsUntil && { waitsUntil: row.waitsUntil }),
    verdict: row.verdict,
  }
}

function checkOf(result: CheckResult, language: Language) {
  return {
    name: pick(result.name, language),
    kind: result.kind,
    verdict: result.verdict,
    findings: result.findings.map(({ ok, message, expected, saw, where }) => ({
      ok,
      message: pick(message, language),
      ...(expected && { expected: pick(expected, language) }),
      ...(saw && { saw: pick(saw, language) }),
      ...(where !== undefined && { where }),
    })),
    evidence: result.evidence,
  }
}
