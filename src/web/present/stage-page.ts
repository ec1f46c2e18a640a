import type { Challenge } from '../../core/challenge.ts'
import { pick, type Language } from '../../core/text.ts'
import { listSubmissions, newestSubmission } from '../../db/submissions.ts'
import type { Game } from '../../game/game.ts'
import type { Diagnosis } from '../../game/workspaces/diagnosis.ts'
import { hintsShown, tellsReasons, type ShownHint } from '../../game/judging/hints.ts'
import { openChallenge, type Progress } from '../../game/progress.ts'
import { storyFor } from '../../game/handing-out/story.ts'
import type { PlayingMember } from '../request/guards.ts'
import { renderMarkdown } from '../view/markdown.ts'
import type { FormState } from '../models/shell.ts'
import type { HintModel, StagePage } from '../models/stage.ts'
import type { VerdictModel } from '../models/verdict.ts'
import { diagnosisModel } from './diagnosis.ts'
import { loginLine } from './registry.ts'
import { stageRef } from './stage.ts'
import { submissionLine, submissionModel } from './submission.ts'
import { lastStep, wantsAnswer } from '../../core/challenge.ts'

interface View {
  language: Language
  storyLanguage: Language
  origin: string
  form: FormState
  diagnose: Diagnosis
}

export async function stagePage(
  game: Game,
  member: PlayingMember,
  id: string,
  view: View,
): Promise<StagePage> {
  const { language } = view
  const { challenge, progress } = await openChallenge(game, member.playerId, id)
  // Looks at the cluster while the rest is read.
  const hints = await hintsShown(game, member, id)
  const isOpen = challenge.needs.includes('cluster') && progress.states.get(id) === 'open'
  const isTold = isOpen && tellsReasons(challenge, hints)
  const diagnosing = isTold ? diagnosisModel(view.diagnose, member, language) : null
  const { story, commands } = await storyFor(game, member, challenge, {
    language: view.storyLanguage,
    origin: view.origin,
  })
  const rows = await listSubmissions(game.sql, { playerId: member.playerId, challengeId: id, limit: 20 })
  const { forge, registry } = game.board
  const login = registry && challenge.needs.includes('registry') ? loginLine(registry.host, member) : null
  return {
    stage: {
      ...stageRef(challenge, language),
      points: challenge.points,
      state: progress.states.get(id) ?? 'open',
      repository: forge ? challenge.repository : null,
      images: (registry && challenge.images) ?? [],
      retired: challenge.retired,
    },
    story: renderMarkdown(story),
    storyLanguage: view.storyLanguage,
    storyLanguages: game.hunt.languages,
    checks: challenge.checks.map((check) => pick(check.name, language)),
    hints: hintModels(hints, language),
    hintsCost: hints.reduce((sum, hint) => sum + (hint.taken ? hint.price : 0), 0),
    commands,
    login,
    asks: asksFor(commands, login !== null),
    answer: { wanted: wantsAnswer(challenge), form: view.form },
    verdict: await verdictModel(game, member.playerId, id, language),
    diagnosis: await diagnosing,
    history: rows.map((row) => submissionLine(game, row, language)),
    ...neighbours(game, challenge, progress, language),
    solves: game.leaderboard.standings.solveCounts()[id] ?? 0,
  }
}

const talksToGit = /^\s*git (?:-\S+ )*(?:clone|fetch|pull|push|ls-remote)\b/m

/** Which servers ask for the token where these lines are typed; the line that logs in to the registry stands beside them. */
export function asksFor(commands: string | null, logsIn: boolean): StagePage['asks'] {
  if (!talksToGit.test(commands ?? '')) return logsIn ? 'registry' : null
  return logsIn ? 'both' : 'git'
}

function hintModels(hints: readonly ShownHint[], language: Language): HintModel[] {
  const next = hints.find((hint) => !hint.taken)?.number
  return hints.map((hint) => ({
    number: hint.number,
    price: hint.price,
    taken: hint.taken,
    text: hint.text && renderMarkdown(pick(hint.text, language)),
    available: hint.number === next,
  }))
}

/** The stages before and after it in the hunt's order, where they may be read. */
function neighbours(
  { hunt }: Pick<Game, 'hunt'>,
  challenge: Challenge,
  { states }: Progress,
  language: Language,
): Pick<StagePage, 'previous' | 'next'> {
  const index = hunt.challenges.indexOf(challenge)
  const readable = (at: number) => {
    const one = hunt.challenges[at]
    return one && ['open', 'solved'].includes(states.get(one.id) ?? '') ? stageRef(one, language) : null
  }
  return { previous: readable(index - 1), next: readable(index + 1) }
}

export async function verdictModel(
  game: Game,
  playerId: string,
  id: string,
  language: Language,
): Promise<VerdictModel> {
  const { challenge } = await openChallenge(game, playerId, id)
  const row = await newestSubmission(game.sql, playerId, id)
  return {
    stage: stageRef(challenge, language),
    checks: challenge.checks.map((check) => pick(check.name, language)),
    lastStep: lastStep(challenge),
    paused: game.settings.paused,
    submission: row ? await submissionModel(game, row, language) : null,
  }
}
