import type { Snapshot } from '../../board/forge/types.ts'
import type { BoardReaders, CheckContext, Look } from '../../checks/check.ts'
import { evidenceIn } from '../../checks/seen-fault.ts'
import { boardParts, type BoardPart } from '../../core/board-parts.ts'
import type { PlayerRef } from '../../core/player.ts'
import type { Challenge, ChallengeCheck } from '../../core/challenge.ts'
import { maskFor } from '../../core/mask.ts'
import { mapText, type Localized } from '../../core/text.ts'
import { combine, type CheckResult, type Finding, type Verdict } from '../../core/verdict.ts'
import type { ClaimedSubmission } from '../../db/submissions.ts'
import { Inconclusive, PlayerFault } from '../../lib/errors.ts'
import { withDeadline } from '../../lib/deadline.ts'
import { renderSpec } from '../../core/template.ts'
import { visible } from '../../core/visible.ts'
import { playerCluster } from '../clusters.ts'
import { challengeOf, type Game } from '../game.ts'
import { parametersFor } from '../parameters.ts'
import { liveChecks, seenOf, unlooked, type Sight } from './sights.ts'
import { strayWork } from './stray-work.ts'

/** What came out of looking at every check once. */
export interface Outcome {
  verdict: Verdict
  results: CheckResult[]
  /** One for each result. */
  sights: Sight[]
  /** A check is still going: look again after so many seconds. */
  pending: { why: Localized; again: number } | null
}

/** Stands for the submission where there is none yet. */
export const glanceId = 'glance'
const longestMessage = 2000
const ours: Localized = {
  en: 'We could not look. This is on our side and costs you nothing.',
  fr: 'Nous n’avons pas pu regarder. C’est de notre côté et cela ne te coûte rien.',
}
const notLookedAt: Localized = {
  en: 'Not looked at, because of what comes before.',
  fr: 'Pas regardé, à cause de ce qui précède.',
}

/**
 * Looks at every check of the submission's challenge in order. Facts are handed on to later checks; a check after one that
 * could not be looked at is not looked at either, since its expressions may need those facts.
 */
export async function lookAt(
  game: Game,
  submission: ClaimedSubmission,
  signal: AbortSignal,
): Promise<Outcome> {
  const challenge = challengeOf(game, submission.challengeId)
  const params = await parametersFor(game, submission.playerId, challenge)
  const context = contextOf(game, submission, challenge, params, signal)
  const facts: Record<string, unknown> = {}
  const results: CheckResult[] = []
  const sights: Sight[] = []
  const isLive = liveChecks(game.kinds, challenge)
  let pending: Outcome['pending'] = null
  let stopped: 'failed' | 'inconclusive' | null = null

  for (const [index, check] of challenge.checks.entries()) {
    const live = isLive[index] === true
    if (stopped !== null) {
      results.push({ ...headOf(check), verdict: stopped, findings: [unseen(notLookedAt)], evidence: [] })
      sights.push(unlooked(live))
      continue
    }
    const one = await lookAtOne(game, { challenge, check, index, context, facts, params })
    results.push(one.result)
    sights.push({ live, pending: one.pending !== undefined, ...seenOf(one.result, one.made) })
    if (one.pending) pending = one.pending
    if (one.facts === undefined) stopped = one.result.verdict === 'failed' ? 'failed' : 'inconclusive'
    else facts[check.as] = one.facts
  }
  await pointToStrayWork(challenge, results, context)
  return { verdict: combine(results.map((result) => result.verdict)), results, sights, pending }
}

/** Explains the first check of a branch that failed, before its own findings, where the player works on another branch. */
async function pointToStrayWork(
  challenge: Challenge,
  results: readonly CheckResult[],
  context: CheckContext,
): Promise<void> {
  const at = results.findIndex(({ kind, verdict }) => kind === 'git' && verdict === 'failed')
  const [check, result] = [challenge.checks[at], results[at]]
  if (!check || !result) return
  const way = await strayWork({ challenge, check, context }).catch((error: unknown) => {
    context.log.warn({ err: error }, 'whether work lies on another branch is not known')
    return null
  })
  const mask = maskFor(challenge.params, context.params)
  if (way) result.findings.unshift({ ok: false, message: mapText(way, (text) => mask.text(text)) })
}

interface OneLook {
  challenge: Challenge
  check: ChallengeCheck
  index: number
  context: CheckContext
  facts: Record<string, unknown>
  params: Readonly<Record<string, string | number>>
}

interface OneOutcome {
  result: CheckResult
  /** undefined where the look threw. */
  facts?: unknown
  made?: unknown
  pending?: { why: Localized; again: number }
}

async function lookAtOne(game: Pick<Game, 'config' | 'kinds' | 'judge'>, one: OneLook): Promise<OneOutcome> {
  const { check, context } = one
  let look: Look<unknown>
  try {
    look = await lookOnce(game, one)
  } catch (error) {
    if (error instanceof PlayerFault) {
      const mask = maskFor(one.challenge.params, one.params)
      const findings = [{ ok: false, message: mapText(messageOf(error), (text) => mask.text(text)) }]
      const evidence = evidenceIn(error)
      const made = [error.message, ...evidence.map(({ revision }) => revision)]
      return { result: { ...headOf(check), verdict: 'failed', findings, evidence }, made }
    }
    const level = error instanceof Inconclusive ? 'warn' : 'error'
    context.log[level]({ err: error, check: check.kind }, 'a check could not look')
    return { result: { ...headOf(check), verdict: 'inconclusive', findings: [unseen(ours)], evidence: [] } }
  }
  try {
    const judged = await game.judge.judge({
      challenge: one.challenge,
      index: one.index,
      facts: { ...one.facts, [check.as]: look.facts },
      params: one.params,
      player: context.player,
    })
    const findings = tellMistaken(game.kinds.get(check.kind)?.mistaken?.(look.facts), judged.findings)
    const result = { ...headOf(check), ...judged, findings, evidence: look.evidence }
    return {
      result,
      facts: look.facts,
      made: look.made,
      ...('pending' in look && { pending: { why: look.why, again: look.again } }),
    }
  } catch (error) {
    context.log.error({ err: error, check: check.kind }, 'a check could not be judged')
    return {
      result: {
        ...headOf(check),
        verdict: 'inconclusive',
        findings: [unseen(ours)],
        evidence: look.evidence,
      },
    }
  }
}

/** Of something else than what was asked for, only that is told, and whatever holds all the same. */
function tellMistaken(what: Localized | null | undefined, findings: Finding[]): Finding[] {
  if (!what) return findings
  const first = findings.findIndex(({ ok }) => ok !== true)
  return findings.map((one, index) => {
    if (one.ok === true) return one
    return index === first ? { ok: false, message: what } : unseen(notLookedAt)
  })
}

async function lookOnce(
  game: Pick<Game, 'config' | 'kinds'>,
  { check, context, params }: OneLook,
): Promise<Look<unknown>> {
  const kind = game.kinds.get(check.kind)
  if (!kind) throw new Error(`no check kind ${check.kind}`)
  const spec = kind.spec.parse(renderSpec(check.spec, { params, player: context.player }))
  return await withDeadline(game.config.checkSeconds * 1000, context.signal, (signal) =>
    kind.look(spec, { ...context, signal, log: context.log.child({ check: check.kind }) }),
  )
}

/** Paths stand in it as the player wrote them. */
function messageOf({ message, french }: PlayerFault): Localized {
  const fr = french ?? `Trop grand ou mal formé pour être lu : ${message}`
  return { en: visible(message).slice(0, longestMessage), fr: visible(fr).slice(0, longestMessage) }
}

function headOf(check: ChallengeCheck): { name: Localized; kind: string } {
  return { name: mapText(check.name, (text) => text), kind: check.kind }
}

function unseen(message: Localized): Finding {
  return { ok: null, message }
}

/** How each part of the board is read for one player; undefined where the board lacks it. */
const readers: {
  [Part in BoardPart]: (game: Game, player: PlayerRef, since: Date) => BoardReaders[Part] | undefined
} = {
  forge: ({ board: { forge } }, { slug }) => forge && { reader: (name) => forge.reader({ slug, name }) },
  registry: ({ board: { registry } }, { slug }) => registry?.images(slug),
  cluster: (game, { playerId }, since) => playerCluster(game, playerId, since),
  pipelines: () => undefined,
}

function readersFor(game: Game, submission: ClaimedSubmission): CheckContext['board'] {
  return Object.fromEntries(
    boardParts.map((part) => [part, readers[part](game, submission, submission.receivedAt)]),
  )
}

function contextOf(
  game: Game,
  submission: ClaimedSubmission,
  challenge: Challenge,
  params: CheckContext['params'],
  signal: AbortSignal,
): CheckContext {
  const memory = new Map<string, Promise<unknown>>()
  const absent: Snapshot = { head: 'refs/heads/main', refs: {} }
  return {
    player: { slug: submission.slug, name: submission.playerName ?? submission.slug },
    board: readersFor(game, submission),
    repository: challenge.repository,
    snapshot: (repository) => Promise.resolve(submission.snapshots[repository] ?? absent),
    answer: submission.answer ?? undefined,
    params,
    signal,
    // A glance finds namespaces that are still being made, and comes again.
    log: game.log.child({ submission: submission.id }, submission.id === glanceId ? { level: 'error' } : {}),
    memo<T>(key: string, make: () => Promise<T>) {
      const known = memory.get(key) ?? make()
      memory.set(key, known)
      return known as Promise<T>
    },
  }
}
