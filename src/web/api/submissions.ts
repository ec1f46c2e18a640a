import { z } from 'zod'
import { languages, pick, type Language } from '../../core/text.ts'
import { listSubmissions, resultsOf, submissionById, type SubmissionRow } from '../../db/submissions.ts'
import type { Game } from '../../game/game.ts'
import { settled } from '../../game/wait.ts'
import { Refusal } from '../../lib/errors.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import { playerOf, route } from './route.ts'
import { challengeId, cursor, page, submission, submissionLine } from './schemas.ts'

export function lineOf(row: SubmissionRow): z.output<typeof submissionLine> {
  return {
    id: row.id,
    challenge: row.challengeId,
    trigger: row.trigger,
    receivedAt: row.receivedAt.toISOString(),
    status: row.status,
    attempt: row.attempt,
    ...(row.retryAt && { retryAt: row.retryAt.toISOString() }),
    ...(row.supersededBy !== null && { supersededBy: row.supersededBy }),
    verdict: row.verdict,
  }
}

async function whole(
  game: Game,
  row: SubmissionRow,
  language: Language,
): Promise<z.output<typeof submission>> {
  const results = await resultsOf(game.sql, row.id)
  return {
    ...lineOf(row),
    checks: results.map((result) => ({
      name: pick(result.name, language),
      verdict: result.verdict,
      findings: result.findings.map(({ ok, message, expected, saw, where }) => ({
        ok,
        message: pick(message, language),
        ...(expected && { expected: pick(expected, language) }),
        ...(saw && { saw: pick(saw, language) }),
        ...(where !== undefined && { where }),
      })),
      evidence: result.evidence,
    })),
  }
}

export const submissionsApi = [
  route({
    method: 'get',
    path: '/submissions',
    id: 'listSubmissions',
    about: 'Your submissions, newest first.',
    access: 'player',
    query: cursor.extend({ challenge: challengeId.optional() }),
    answers: { 200: { about: 'A page of submissions.', schema: page(submissionLine) } },
    async handle({ game, req, query }) {
      const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor)
      if (after === null) throw new Refusal(422, 'cursor', 'This is no cursor of this list.')
      const { playerId } = playerOf(req)
      const rows = await listSubmissions(game.sql, {
        playerId,
        challengeId: query.challenge,
        after,
        limit: query.limit + 1,
      })
      const shown = rows.slice(0, query.limit)
      const last = rows.length > query.limit ? shown.at(-1) : undefined
      return { status: 200, body: { items: shown.map(lineOf), next: last ? encodeCursor(last) : null } }
    },
  }),
  route({
    method: 'get',
    path: '/submissions/{id}',
    id: 'getSubmission',
    about: 'One submission with all its findings. `wait` holds the answer until it has been looked at.',
    access: 'player',
    params: z.object({ id: z.string() }),
    query: z.object({
      wait: z.coerce.number().min(0).max(30).default(0).meta({ description: 'Seconds, at most 30.' }),
      lang: z.enum(languages).optional(),
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
          throw new Refusal(404, 'no-submission', 'You have no such submission.')
        return row
      }
      await own()
      await settled(game, params.id, query.wait * 1000, signal)
      return { status: 200, body: await whole(game, await own(), language) }
    },
  }),
]
