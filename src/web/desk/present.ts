import { z } from 'zod'
import { verdicts } from '../../core/verdict.ts'
import { recentAudit } from '../../db/audit.ts'
import { findPlayers, whoIsWhere } from '../../db/desk.ts'
import { playerBySlug } from '../../db/players.ts'
import { listSubmissions, type ListedSubmission, type SubmissionFilter } from '../../db/submissions.ts'
import type { Language } from '../../core/text.ts'
import type { Game } from '../../game/game.ts'
import { toLocal } from '../view/local-time.ts'
import type { DeskPage, DeskSubmissionLine } from './model.ts'
import type { FormState } from '../models/shell.ts'
import { decodeCursor, encodeCursor } from '../request/cursor.ts'
import { troubledWorkspaces } from './workspaces/present.ts'
import { stageRef } from '../present/stage.ts'
import { submissionLine } from '../present/submission.ts'

const perPage = 50
const playersShown = 100

const queries = z.object({
  find: z.string().max(100).catch(''),
  player: z.string().max(40).catch(''),
  challenge: z.string().max(40).catch(''),
  verdict: z.enum(verdicts).or(z.literal('')).catch(''),
  before: z.string().max(200).catch(''),
})

export interface DeskExtras {
  resetLink: DeskPage['resetLink']
  form: FormState
}

export async function deskPage(
  game: Game,
  query: unknown,
  language: Language,
  extras: DeskExtras,
): Promise<DeskPage> {
  const wanted = queries.parse(query)
  const { settings, hunt } = game
  const { start, end, freeze } = settings.window
  const { announcement } = settings
  const players = await findPlayers(game.sql, wanted.find, playersShown + 1)
  const failed = await troubledWorkspaces(game)
  const places = new Map((await whoIsWhere(game.sql)).map((row) => [row.challengeId, row]))
  return {
    window: {
      start: toLocal(start, hunt.timezone),
      end: toLocal(end, hunt.timezone),
      freeze: toLocal(freeze, hunt.timezone),
      overridden: ['start', 'end', 'freeze'].some((key) => key in settings.row.overrides),
      form: extras.form,
    },
    frozen: settings.frozen(),
    paused: settings.row.pausedAt && { since: settings.row.pausedAt },
    registration: { mode: settings.registration, code: settings.registrationCode ?? '' },
    announcement: announcement
      ? { en: announcement.text.en, fr: announcement.text.fr ?? '', at: announcement.createdAt }
      : null,
    players: {
      find: wanted.find,
      rows: players.slice(0, playersShown).map((player) => ({ ...player, name: player.name ?? player.slug })),
      more: players.length > playersShown,
      total: game.leaderboard.standings.total,
    },
    resetLink: extras.resetLink,
    submissions: await submissionsOf(game, wanted, language),
    workspaces: failed === null ? null : { failed },
    stages: hunt.challenges.map((challenge) => ({
      ...stageRef(challenge, language),
      tried: places.get(challenge.id)?.tried ?? 0,
      solved: places.get(challenge.id)?.solved ?? 0,
    })),
    audit: (await recentAudit(game.sql, 30)).map((entry) => ({
      at: entry.at,
      by: entry.memberName,
      action: entry.action,
      subject: entry.subject,
      detail: Object.keys(entry.detail).length === 0 ? '' : JSON.stringify(entry.detail).slice(0, 300),
    })),
  }
}

async function submissionsOf(
  game: Game,
  wanted: z.infer<typeof queries>,
  language: Language,
): Promise<DeskPage['submissions']> {
  const filter: SubmissionFilter = { limit: perPage + 1, after: decodeCursor(wanted.before) ?? undefined }
  if (wanted.challenge !== '') filter.challengeId = wanted.challenge
  if (wanted.verdict !== '') filter.verdict = wanted.verdict
  if (wanted.player !== '') filter.playerId = (await playerBySlug(game.sql, wanted.player))?.id ?? '0'
  const rows = await listSubmissions(game.sql, filter)
  const last = rows.length > perPage ? rows[perPage - 1] : undefined
  const { find, player, challenge, verdict } = wanted
  return {
    filter: { player, challenge, verdict },
    rows: rows.slice(0, perPage).map((row) => deskLine(game, row, language)),
    older: last
      ? `/desk?${new URLSearchParams({ find, player, challenge, verdict, before: encodeCursor(last) }).toString()}#submissions`
      : null,
  }
}

function deskLine(game: Game, row: ListedSubmission, language: Language): DeskSubmissionLine {
  return { ...submissionLine(game, row, language), slug: row.slug, name: row.playerName }
}
