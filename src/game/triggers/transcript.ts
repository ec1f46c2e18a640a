import type { Challenge } from '../../core/challenge.ts'
import { formatTime } from '../../core/time-words.ts'
import { pick, type Language, type Localized } from '../../core/text.ts'
import { shortId } from '../../core/short-id.ts'
import type { CheckResult } from '../../core/verdict.ts'
import { hintsOf } from '../../db/hints.ts'
import { solveOf } from '../../db/solves.ts'
import { resultsOf, type SubmissionRow } from '../../db/submissions.ts'
import type { Refusal } from '../../lib/errors.ts'
import type { Game } from '../game.ts'
import type { RefUpdate } from '../../board/forge/types.ts'
import { hasReachedCity, openedBy, progressOf } from '../progress.ts'

/** One line of the pusher's terminal. Git colours `success:`, `error:`, `warning:` and `hint:` by itself. */
export type Line = string

const width = 68

const texts = {
  nothing: { en: 'nothing open is judged here', fr: 'rien d’ouvert n’est jugé ici' },
  judging: { en: 'being judged:', fr: 'en cours de jugement :' },
  underWay: { en: 'still under way:', fr: 'encore en cours :' },
  retry: {
    en: 'we could not look; this is on our side, and we try again by ourselves:',
    fr: 'nous n’avons pas pu regarder ; c’est de notre côté, nous réessayons de nous-mêmes :',
  },
  givenUp: {
    en: 'we could not look; this is on our side and costs you nothing. Ask again there:',
    fr: 'nous n’avons pas pu regarder ; c’est de notre côté et cela ne te coûte rien. Redemande là-bas :',
  },
  heldPaused: {
    en: 'The hunt is paused. This push is kept with its time, and judged when the hunt goes on.',
    fr: 'La chasse est en pause. Ce push est gardé avec son heure, et jugé à la reprise.',
  },
  heldBefore: {
    en: 'This push is kept, and judged then.',
    fr: 'Ce push est gardé, et jugé à ce moment-là.',
  },
  expected: { en: 'expected', fr: 'attendu ' },
  saw: { en: 'saw', fr: 'vu' },
  at: { en: 'at', fr: 'où' },
  replaced: { en: 'a newer push took its place', fr: 'un push plus récent a pris sa place' },
  opened: { en: 'opened:', fr: 'ouvert :' },
  rank: { en: (rank: string) => `you are ${rank}`, fr: (rank: string) => `tu es ${rank}` },
  late: {
    en: 'right, but it came, or was first seen right, outside the hunt’s time and does not score',
    fr: 'juste, mais reçu, ou vu juste pour la première fois, hors du temps de la chasse : cela ne rapporte rien',
  },
  city: { en: 'You have reached the city.', fr: 'Tu as atteint la cité.' },
} satisfies Record<string, Localized | Record<Language, (rank: string) => string>>

/** French by the refusal's code. */
const refusals: Readonly<Record<string, string>> = {
  left: 'Tu as quitté la chasse.',
  'being-judged':
    'Ce que tu as envoyé avant la fin est encore en cours de jugement. Cela compte ; ceci ne compterait pas.',
}

export function nothingJudged(language: Language): Line[] {
  return [texts.nothing[language]]
}

/** Of a push that is judged when the hunt runs. */
export function heldPush(
  game: Pick<Game, 'settings' | 'hunt'>,
  why: 'paused' | 'before',
  language: Language,
): Line[] {
  if (why === 'paused') return [`warning: ${texts.heldPaused[language]}`]
  return [`warning: ${startsLine(game, language)} ${texts.heldBefore[language]}`]
}

/** When the hunt starts, in its own time zone. */
export function startsLine({ settings, hunt }: Pick<Game, 'settings' | 'hunt'>, language: Language): Line {
  const { start } = settings.window
  const at = start ? formatTime(start, 'full', language, hunt.timezone) : '–'
  return language === 'en'
    ? `The hunt has not started yet: it starts on ${at}.`
    : `La chasse n’a pas encore commencé : elle commence le ${at}.`
}

/** In the words of the page; a refusal brings its English along. */
export function refusedPush({ code, message }: Refusal, language: Language): Line[] {
  return [`warning: ${language === 'en' ? message : (refusals[code] ?? message)}`]
}

/**
 * What the terminal says of one submission: its checks, the first findings that failed, and what a solve brought. `updates`:
 * what the push moved, if it was one.
 */
export async function transcribe(
  game: Game,
  challenge: Challenge,
  submission: SubmissionRow,
  view: { language: Language; origin: string; updates?: readonly RefUpdate[] },
): Promise<Line[]> {
  const { language } = view
  const results = await resultsOf(game.sql, submission.id)
  const page = `${view.origin}/hunt/${challenge.id}`
  const lines = [headline(challenge, pushedCommit(results, view.updates ?? []), language)]
  if (submission.status === 'superseded') return [...lines, texts.replaced[language]]
  if (submission.status === 'queued' || submission.status === 'running')
    return [...lines, `${texts.judging[language]} ${page}`]
  for (const result of results) lines.push(...resultLines(result, language))
  if (submission.status === 'waiting') {
    const { verdict, waitsFor } = submission
    if (waitsFor) lines.push(`${texts.underWay[language]} ${pick(waitsFor, language)}`)
    const word = verdict === null ? texts.judging[language] : `warning: ${texts.retry[language]}`
    return [...lines, `${word} ${page}`]
  }
  if (submission.verdict === 'passed')
    lines.push(...(await solvedLines(game, challenge, submission, language)))
  if (submission.verdict === 'failed')
    lines.push(...(await hintLines(game, challenge, submission, page, language)))
  if (submission.verdict === 'inconclusive') lines.push(`warning: ${texts.givenUp[language]} ${page}`)
  return lines
}

function headline(challenge: Challenge, commit: string | null, language: Language): Line {
  const title = `${String(challenge.order).padStart(2, '0')} · ${pick(challenge.title, language)}`
  if (commit === null) return title
  const id = shortId(commit)
  return `${title.padEnd(width - id.length)}${id}`
}

/** Checks also look at what was given out, such as a tag, whose commit nobody would know again as their own. */
function pushedCommit(results: readonly CheckResult[], updates: readonly RefUpdate[]): string | null {
  const commits = results
    .flatMap(({ evidence }) => evidence)
    .filter(({ what }) => what === 'commit')
    .map(({ revision }) => revision)
  const [first] = commits
  if (first === undefined) return null
  const moved = new Set(updates.map(({ after }) => after))
  const pushed = updates.find(({ ref, after }) => ref.startsWith('refs/heads/') && !/^0+$/.test(after))
  return commits.find((one) => moved.has(one)) ?? pushed?.after ?? first
}

function resultLines(result: CheckResult, language: Language): Line[] {
  const name = pick(result.name, language)
  if (result.verdict === 'passed') return [`success: ${name}`]
  if (result.verdict === 'inconclusive') return [`warning: ${name}`]
  const failed = result.findings.filter((finding) => finding.ok === false)
  if (failed.length === 0) return [`error:   ${name}`]
  const details = failed.flatMap((finding) => {
    const rows: [string, string][] = []
    if (finding.expected) rows.push([texts.expected[language], pick(finding.expected, language)])
    if (finding.saw) rows.push([texts.saw[language], pick(finding.saw, language)])
    if (finding.where !== undefined) rows.push([texts.at[language], finding.where])
    const body = rows.flatMap(([label, text]) =>
      text
        .trimEnd()
        .split('\n')
        .map((line, index) => `${(index === 0 ? label : '').padEnd(9)} ${line}`),
    )
    return [pick(finding.message, language), ...body]
  })
  return [`error:   ${name}`, ...details.map((line) => `           ${line}`)]
}

async function hintLines(
  game: Pick<Game, 'sql'>,
  challenge: Challenge,
  submission: SubmissionRow,
  page: string,
  language: Language,
): Promise<Line[]> {
  if (challenge.hints.length === 0) return [`hint:    ${page}`]
  const taken = (await hintsOf(game.sql, submission.playerId)).filter(
    (hint) => hint.challengeId === challenge.id,
  ).length
  const next = Math.min(taken + 1, challenge.hints.length)
  const of = { en: `${next} of ${challenge.hints.length}.`, fr: `${next} sur ${challenge.hints.length}.` }
  return [`hint:    ${of[language]} ${page}`]
}

async function solvedLines(
  game: Game,
  challenge: Challenge,
  submission: SubmissionRow,
  language: Language,
): Promise<Line[]> {
  const solve = await solveOf(game.sql, submission.playerId, challenge.id)
  if (!solve) return [`warning: ${texts.late[language]}`]
  if (solve.submissionId !== submission.id) return []
  await game.leaderboard.absorb(submission.playerId, challenge.id)
  const rank = game.leaderboard.standings.rankOf(submission.playerId)
  const parts = [`+${solve.award}`]
  if (rank !== null && !game.leaderboard.frozen()) parts.push(texts.rank[language](ordinal(rank, language)))
  const progress = await progressOf(game, submission.playerId)
  const opened = openedBy(game, challenge, progress)
  const gains = parts.join(', ')
  if (opened.length > 0) {
    const names = opened
      .map((one) => `${String(one.order).padStart(2, '0')} ${pick(one.title, language)}`)
      .join(', ')
    return [`${gains}; ${texts.opened[language]} ${names}`]
  }
  return [hasReachedCity(game, progress) ? `${gains}. ${texts.city[language]}` : gains]
}

export function ordinal(rank: number, language: Language): string {
  if (language === 'fr') return rank === 1 ? '1er' : `${rank}e`
  const suffix = { one: 'st', two: 'nd', few: 'rd', other: 'th', zero: 'th', many: 'th' }
  return `${rank}${suffix[new Intl.PluralRules('en', { type: 'ordinal' }).select(rank)]}`
}
