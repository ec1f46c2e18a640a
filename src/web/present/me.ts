import type { Language } from '../../core/text.ts'
import { hintsOf } from '../../db/hints.ts'
import type { MemberRow } from '../../db/members.ts'
import { listSubmissions } from '../../db/submissions.ts'
import { solvesOf } from '../../db/solves.ts'
import { tokensOf } from '../../db/tokens.ts'
import type { Game } from '../../game/game.ts'
import type { Kept } from '../auth/keepsakes.ts'
import { decodeCursor, encodeCursor } from '../request/cursor.ts'
import type { MePage } from '../models/own.ts'
import { ownStanding } from './leaderboard.ts'
import { stageRefOf } from './stage.ts'
import { submissionLine } from './submission.ts'

const perPage = 20

export async function mePage(
  game: Pick<Game, 'sql' | 'hunt' | 'leaderboard' | 'settings'>,
  member: MemberRow,
  view: { language: Language; before: string; newTokens: readonly Kept<'token'>[]; forms: MePage['forms'] },
): Promise<MePage> {
  const { language } = view
  const tokens = await tokensOf(game.sql, member.id)
  const newTokens = view.newTokens.map(({ id, name, token, until }) => ({ id, name, text: token, until }))
  const shared = { email: member.email, tokens, newTokens, forms: view.forms }
  const { playerId } = member
  if (playerId === null) return { ...shared, own: null, solves: [], submissions: [], older: null, hints: [] }
  const solves = await solvesOf(game.sql, playerId)
  const after = decodeCursor(view.before) ?? undefined
  const rows = await listSubmissions(game.sql, { playerId, after, limit: perPage + 1 })
  const last = rows.length > perPage ? rows[perPage - 1] : undefined
  const first = game.leaderboard.standings.first()
  const score = solves.reduce((sum, solve) => sum + solve.award, 0)
  return {
    ...shared,
    own: ownStanding(game, { ...member, playerId }, score, solves.length),
    solves: solves.map((solve) => ({
      stage: stageRefOf(game, solve.challengeId, language),
      at: solve.solvedAt,
      points: solve.points,
      hintsCost: solve.hintsCost,
      award: solve.award,
      first: first[solve.challengeId] === member.slug,
    })),
    submissions: rows.slice(0, perPage).map((row) => submissionLine(game, row, language)),
    older: last ? `/me?before=${encodeCursor(last)}#submissions` : null,
    hints: (await hintsOf(game.sql, playerId)).map((hint) => ({
      stage: stageRefOf(game, hint.challengeId, language),
      number: hint.number,
      price: hint.price,
      at: hint.takenAt,
    })),
  }
}
