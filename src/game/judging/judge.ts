import { chainsOf } from '../../core/cel-types.ts'
import type { Expectation } from '../../core/challenge.ts'
import { maskFor, type Mask } from '../../core/mask.ts'
import { isObjectId } from '../../core/object-id.ts'
import { compileText } from '../../core/template.ts'
import { mapText, type Localized } from '../../core/text.ts'
import type { Finding } from '../../core/verdict.ts'
import { visible } from '../../core/visible.ts'
import { celEnvironment } from '../../lib/cel.ts'
import { createEvaluator } from '../../lib/evaluator.ts'
import type { Judge } from '../types.ts'
import type { Evaluated, EvaluationResult } from '../../lib/evaluation.ts'

const longestText = 2000
const longestValue = 160
const mostValues = 3
const notLookedAt: Localized = { en: 'Not looked at.', fr: 'Pas regardé.' }

export function createJudge(): Judge {
  const evaluator = createEvaluator({ milliseconds: 2000 })
  const parser = celEnvironment({ undeclared: true })
  const chains = new Map<string, string[]>()
  const chainsIn = (that: string): string[] => {
    const known = chains.get(that) ?? factsIn(chainsOf(parser.parse(that).ast, that))
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
      const mask = maskFor(given.challenge.params, given.params)
      const shownValues = { ...values, params: mask.params }
      const say = (text: string) => cut(mask.text(compileText(text, shownValues)), longestText)
      const findings = check.expect.map((expectation, index) => {
        const one = evaluated[index]
        if (!one) return { ok: null, message: mapText(expectation.expected ?? notLookedAt, say) }
        return findingOf(expectation, one, check.name, { chains: chainsIn(expectation.that), say, mask })
      })
      return { verdict: findings.every((finding) => finding.ok === true) ? 'passed' : 'failed', findings }
    },
    close: () => evaluator.close(),
  }
}

interface Telling {
  chains: readonly string[]
  /** Renders an author's template for the player's eyes. */
  say: (text: string) => string
  mask: Mask
}

function findingOf(
  expectation: Expectation,
  { result, seen }: Evaluated[number],
  name: Localized,
  { chains, say, mask }: Telling,
): Finding {
  const where = expectation.where === undefined ? {} : { where: say(expectation.where) }
  if ('value' in result && result.value === true)
    return { ok: true, message: mapText(expectation.expected ?? name, say), ...where }
  const saw = expectation.saw ? mapText(expectation.saw, say) : sawOf(result, seen, chains, mask)
  return {
    ok: false,
    message: mapText(expectation.else, say),
    ...(expectation.expected && { expected: mapText(expectation.expected, say) }),
    ...(saw && { saw }),
    ...where,
  }
}

/** Without the author's words, the values that the expression really saw. Facts that are missing are the player's: "not there". */
function sawOf(
  result: EvaluationResult,
  seen: readonly EvaluationResult[],
  chains: readonly string[],
  mask: Mask,
): Localized | null {
  const text = (nothing: string) => {
    const said = chains.map((chain, index) => {
      const value = seen[index]
      return `${chain} = ${value && 'value' in value ? shown(value.value, mask) : nothing}`
    })
    return said.length === 0 && 'error' in result ? nothing : said.join('; ')
  }
  const en = text('not there')
  return en === '' ? null : { en, fr: text('absent') }
}

function factsIn(chains: readonly string[]): string[] {
  return chains.filter((chain) => !/^(params|player)\b/.test(chain)).slice(0, mostValues)
}

/** Masked before it is cut, so that the beginning of a secret does not stay. */
function shown(value: unknown, mask: Mask): string {
  if (typeof value === 'string' && isObjectId(value)) return `${value.slice(0, 7)}…`
  return cut(visible(mask.text(JSON.stringify(value))), longestValue)
}

function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}
