import { Environment } from '@marcbachmann/cel-js'
import { chainsOf } from '../core/cel-types.ts'
import type { Challenge, Expectation } from '../core/challenge.ts'
import { compileText } from '../core/template.ts'
import { mapText, type Localized } from '../core/text.ts'
import type { Finding } from '../core/verdict.ts'
import { createEvaluator, type Evaluated, type EvaluationResult } from '../lib/evaluator.ts'

export interface Judgement {
  challenge: Challenge
  /** Of the check within the challenge. */
  index: number
  /** Facts of this check and of those before it, by their names. */
  facts: Readonly<Record<string, unknown>>
  params: Readonly<Record<string, string | number>>
  player: { slug: string; name: string }
}

/** Compares facts with what the author expects. Rejects as `Inconclusive` where an expression takes too long. */
export interface Judge {
  judge(given: Judgement): Promise<{ verdict: 'passed' | 'failed'; findings: Finding[] }>
  close(): Promise<void>
}

const longestValue = 160
const notLookedAt: Localized = { en: 'Not looked at.', fr: 'Pas regardé.' }

export function createJudge(): Judge {
  const evaluator = createEvaluator({ milliseconds: 2000 })
  const parser = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false })
  parser.registerFunction('re(string, string): bool', () => true)
  const chains = new Map<string, string[]>()
  const chainsIn = (that: string): string[] => {
    const known = chains.get(that) ?? chainsOf(parser.parse(that).ast, that).slice(0, 4)
    chains.set(that, known)
    return known
  }

  return {
    async judge(given) {
      const check = given.challenge.checks[given.index]
      if (!check) throw new Error(`no check ${given.index} in ${given.challenge.id}`)
      const values = { ...given.facts, params: given.params, player: given.player }
      const expressions = check.expect.map(({ that }) => ({ that, chains: chainsIn(that) }))
      const evaluated = await evaluator.evaluate(expressions, values)
      const mask = maskOf(given)
      const findings = check.expect.map((expectation, index) => {
        const one = evaluated[index]
        if (!one) return { ok: null, message: expectation.expected ?? notLookedAt }
        return findingOf(expectation, one, check.name, chainsIn(expectation.that), { values, mask })
      })
      return { verdict: findings.every((finding) => finding.ok === true) ? 'passed' : 'failed', findings }
    },
    close: () => evaluator.close(),
  }
}

function findingOf(
  expectation: Expectation,
  { result, seen }: Evaluated[number],
  name: Localized,
  chains: readonly string[],
  { values, mask }: { values: Readonly<Record<string, unknown>>; mask: (text: string) => string },
): Finding {
  const render = (text: string) => mask(compileText(text, values))
  const say = (text: Localized) => mapText(text, render)
  const where = expectation.where === undefined ? {} : { where: render(expectation.where) }
  if ('value' in result && result.value === true)
    return { ok: true, message: say(expectation.expected ?? name), ...where }
  const saw = expectation.saw ? say(expectation.saw) : sawOf(result, seen, chains, mask)
  return {
    ok: false,
    message: say(expectation.else),
    ...(expectation.expected && { expected: say(expectation.expected) }),
    ...(saw && { saw }),
    ...where,
  }
}

/** Without the author's words, the values that the expression really saw. Facts that are missing are the player's: "not there". */
function sawOf(
  result: EvaluationResult,
  seen: EvaluationResult[],
  chains: readonly string[],
  mask: (text: string) => string,
) {
  const parts = (nothing: string) =>
    chains
      .map((chain, index) => [chain, seen[index]] as const)
      .filter(([chain]) => !chain.startsWith('params.') && !chain.startsWith('player.'))
      .slice(0, 3)
      .map(([chain, value]) => `${chain}: ${value && 'value' in value ? shown(value.value) : nothing}`)
  const text = (nothing: string) => {
    const said = parts(nothing)
    if (said.length > 0) return said.join('; ')
    return 'error' in result ? nothing : ''
  }
  const en = text('not there')
  return en === '' ? null : { en: mask(en), fr: mask(text('absent')) }
}

function shown(value: unknown): string {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value)
      : ((JSON.stringify(value) as string | undefined) ?? 'nothing')
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text
}

/** Values of parameters that are not public never reach a player's eyes through a finding. */
function maskOf({ challenge, params }: Judgement): (text: string) => string {
  const secrets = Object.entries(params)
    .filter(([name]) => challenge.params[name]?.public !== true)
    .map(([, value]) => String(value))
    .filter((value) => value.length >= 4)
  return (text) => secrets.reduce((masked, secret) => masked.replaceAll(secret, '•••'), text)
}
