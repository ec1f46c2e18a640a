import { pick, type Language } from '../../core/text.ts'
import { watchedParts } from '../../core/triggers.ts'
import type { CheckResult, Evidence } from '../../core/verdict.ts'
import { resultsOf, type SubmissionRow } from '../../db/submissions.ts'
import { solveOf, type SolveRow } from '../../db/solves.ts'
import { standsStill } from '../../game/settings.ts'
import { challengeOf, type Game } from '../../game/game.ts'
import { hasReachedCity, openedBy, progressOf } from '../../game/progress.ts'
import type {
  CheckModel,
  EvidenceModel,
  SolveModel,
  SubmissionLine,
  SubmissionModel,
} from '../models/verdict.ts'
import { stageRef, stageRefOf } from './stage.ts'

export function submissionLine(
  game: Pick<Game, 'hunt' | 'settings'>,
  row: SubmissionRow,
  language: Language,
): SubmissionLine {
  return {
    id: row.id,
    stage: stageRefOf(game, row.challengeId, language),
    trigger: row.trigger,
    receivedAt: row.receivedAt,
    seenAt: seenAt(row),
    status: row.status,
    verdict: row.verdict,
    held: row.status === 'queued' || row.status === 'waiting' ? standsStill(game.settings) : null,
  }
}

/** A submission with all its findings. `links`: whether evidence leads to the reader's own commits. */
export async function submissionModel(
  game: Game,
  row: SubmissionRow,
  language: Language,
  { links = true } = {},
): Promise<SubmissionModel> {
  const results = await resultsOf(game.sql, row.id)
  const solved = row.verdict === 'passed' ? await solveOf(game.sql, row.playerId, row.challengeId) : undefined
  const { repository = null } = game.hunt.challenges.find((one) => one.id === row.challengeId) ?? {}
  return {
    ...submissionLine(game, row, language),
    // Before the next look its number is in the row already.
    looks: row.status === 'done' ? row.attempt : row.attempt - 1,
    unclear: row.unclear,
    retryAt: row.retryAt,
    waitsFor: row.waitsFor && pick(row.waitsFor, language),
    waitsUntil: row.waitsUntil,
    late: row.verdict === 'passed' && !solved ? lateness(game, row) : null,
    supersededBy: row.supersededBy,
    checks: results.map((result) => checkModel(result, language, links ? repository : null)),
    solve: solved?.submissionId === row.id ? await solveModel(game, row, solved, language) : null,
  }
}

function checkModel(result: CheckResult, language: Language, repository: string | null): CheckModel {
  return {
    name: pick(result.name, language),
    verdict: result.verdict,
    findings: result.findings.map(({ ok, message, expected, saw, where }) => ({
      ok,
      message: pick(message, language),
      expected: expected && pick(expected, language),
      saw: saw && pick(saw, language),
      where,
    })),
    evidence: result.evidence.map((one) => evidenceModel(one, repository)),
  }
}

function evidenceModel(evidence: Evidence, repository: string | null): EvidenceModel {
  const href =
    evidence.what === 'commit' && repository !== null ? `/evidence/${repository}/${evidence.revision}` : null
  return { ...evidence, href }
}

/** Where both are of the same second, nobody needs the difference. */
function seenAt({ countsFrom, receivedAt }: SubmissionRow): Date | null {
  if (countsFrom === null) return null
  return Math.abs(countsFrom.getTime() - receivedAt.getTime()) < 1000 ? null : countsFrom
}

/** Right, and no solve. */
function lateness({ settings }: Pick<Game, 'settings'>, row: SubmissionRow): SubmissionModel['late'] {
  if (row.status !== 'done') return null
  const isSeen = seenAt(row) !== null || row.trigger in watchedParts
  return { at: row.countsFrom ?? row.receivedAt, isSeen, end: settings.window.end }
}

/** What a submission brought that solved the stage. */
async function solveModel(
  game: Game,
  row: SubmissionRow,
  solve: SolveRow,
  language: Language,
): Promise<SolveModel> {
  const { standings } = game.leaderboard
  const place = game.leaderboard.frozen() ? null : standings.rankOf(row.playerId)
  const [own] = place === null ? [] : standings.rows(place - 1, place)
  // Where the standings have not heard of it yet, they say a place that is none: the page is told anew when they have.
  const rank = own && row.challengeId in own.solved ? place : null
  const progress = await progressOf(game, row.playerId)
  const opened = openedBy(game, challengeOf(game, row.challengeId), progress)
  return {
    award: solve.award,
    rank,
    first: own !== undefined && standings.first()[row.challengeId] === own.slug,
    opened: opened.map((challenge) => stageRef(challenge, language)),
    reachedCity: hasReachedCity(game, progress),
  }
}
