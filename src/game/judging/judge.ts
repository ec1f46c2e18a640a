import { chainsOf } from '../../core/cel-types.ts'
import type { Expectation } from '../../core/challenge.ts'
import { maskFor, type Mask } from '../../core/mask.ts'
import { isObjectId } from '../../core/object-id.ts'
import { compileText } from '../../core/template.ts'
import { languages, mapText, pick, type Language, type Localized } from '../../core/text.ts'
import type { Finding } from '../../core/verdict.ts'
import { typeset } from '../../core/typeset.ts'
import { visible } from '../../core/visible.ts'
import { celEnvironment } from '../../lib/cel.ts'
import { createEvaluator } from '../../lib/evaluator.ts'
import type { Judge } from '../types.ts'
import { isBlank, orNothing, silenceAt, tellSilence } from './nothing.ts'
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
      const shownValues = { en: {}, fr: {} } as Record<Language, Record<string, unknown>>
      for (const language of languages)
        shownValues[language] = { ...tellSilence(values, language), params: mask.params }
      const say = (text: string, language: Language = 'en') =>
        cut(mask.text(compileText(typeset(text, language), shownValues[language], language)), longestText)
      const findings = check.expect.map((expectation, index) => {
        const one = evaluated[index]
        if (!one) return { ok: null, message: mapText(expectation.expected ?? notLookedAt, say) }
        const telling = { chains: chainsIn(expectation.that), say, facts: values, mask }
        return findingOf(expectation, one, check.name, telling)
      })
      return { verdict: findings.every((finding) => finding.ok === true) ? 'passed' : 'failed', findings }
    },
    close: () => evaluator.close(),
  }
}

interface Telling {
  chains: readonly string[]
  /** Renders an author's template for the player's eyes. */
  say: (text: string, language?: Language) => string
  facts: Readonly<Record<string, unknown>>
  mask: Mask
}

function findingOf(
  expectation: Expectation,
  { result, seen }: Evaluated[number],
  name: Localized,
  telling: Telling,
): Finding {
  const { say } = telling
  const place = expectation.where === undefined ? '' : say(expectation.where)
  const where = isBlank(place) ? {} : { where: place }
  if ('value' in result && result.value === true)
    return { ok: true, message: mapText(expectation.expected ?? name, say), ...where }
  const saw = expectation.saw
    ? mapText(expectation.saw, (text, language) => orNothing(say(text, language), language))
    : sawOf(result, seen, telling)
  const expected = expectation.expected && mapText(expectation.expected, say)
  return {
    ok: false,
    message: mapText(expectation.else, say),
    ...(expected && !isBlank(expected.en) && { expected }),
    ...(saw && { saw }),
    ...where,
  }
}

/** Without the author's words, the values that the expression really saw. Facts that are missing are the player's: "not there". */
function sawOf(
  result: EvaluationResult,
  seen: readonly EvaluationResult[],
  { chains, facts, mask }: Telling,
): Localized | null {
  const text = (nothing: string, language: Language) => {
    const said = chains.map((chain, index) => {
      const value = seen[index]
      const silence = silenceAt(facts, chain)
      if (silence)
        return `${chain}${typeset(language === 'fr' ? ' : ' : ': ', language)}${pick(silence, language)}`
      return `${chain} = ${value && 'value' in value ? shown(value.value, mask) : nothing}`
    })
    return said.length === 0 && 'error' in result
      ? nothing
      : said.join(typeset(language === 'fr' ? ' ; ' : '; ', language))
  }
  const en = text('not there', 'en')
  return en === '' ? null : { en, fr: text('absent', 'fr') }
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
