import { z } from 'zod'
import type { Language } from '../../../core/text.ts'
import { verdicts } from '../../../core/verdict.ts'
import { playerBySlug } from '../../../db/players.ts'
import {
  listSubmissions,
  type ListedSubmission,
  type SubmissionFilter,
  type SubmissionRow,
} from '../../../db/submissions.ts'
import type { Game } from '../../../game/game.ts'
import { submissionLine, submissionModel } from '../../present/submission.ts'
import { decodeCursor, encodeCursor } from '../../request/cursor.ts'
import type { DeskSubmissionLine, DeskSubmissionPage, DeskSubmissions } from './model.ts'

const perPage = 50

const queries = z.object({
  /** For the list of players, which stands on the same page and stays as it is. */
  find: z.string().max(100).catch(''),
  player: z.string().max(40).catch(''),
  challenge: z.string().max(40).catch(''),
  verdict: z.enum(verdicts).or(z.literal('')).catch(''),
  before: z.string().max(200).catch(''),
})

export async function deskSubmissions(
  game: Pick<Game, 'sql' | 'hunt' | 'settings'>,
  query: unknown,
  language: Language,
): Promise<DeskSubmissions> {
  const { find, player, challenge, verdict, before } = queries.parse(query)
  const filter: SubmissionFilter = { limit: perPage + 1, after: decodeCursor(before) ?? undefined }
  if (challenge !== '') filter.challengeId = challenge
  if (verdict !== '') filter.verdict = verdict
  if (player !== '') filter.playerId = (await playerBySlug(game.sql, player))?.id ?? '0'
  const rows = await listSubmissions(game.sql, filter)
  const last = rows.length > perPage ? rows[perPage - 1] : undefined
  return {
    filter: { player, challenge, verdict },
    rows: rows.slice(0, perPage).map((row) => lineOf(game, row, language)),
    older: last
      ? `/desk?${new URLSearchParams({ find, player, challenge, verdict, before: encodeCursor(last) }).toString()}#submissions`
      : null,
  }
}

function lineOf(
  game: Pick<Game, 'hunt' | 'settings'>,
  row: ListedSubmission,
  language: Language,
): DeskSubmissionLine {
  return { ...submissionLine(game, row, language), slug: row.slug, name: row.playerName }
}

export async function deskSubmission(
  game: Game,
  row: SubmissionRow,
  language: Language,
): Promise<DeskSubmissionPage> {
  const [listed] = await listSubmissions(game.sql, { playerId: row.playerId, limit: 1 })
  const submission = await submissionModel(game, row, language, { links: false })
  return {
    submission: {
      ...submission,
      slug: listed?.slug ?? '',
      name: listed?.playerName ?? null,
      finishedAt: row.finishedAt,
    },
  }
}
