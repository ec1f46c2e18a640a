import type { z } from 'zod'
import { expressionFault, typedEnvironment } from '../core/cel-types.ts'
import type { Challenge, ChallengeFile } from '../core/challenge.ts'
import { templateFault } from '../core/template-syntax.ts'
import type { Kinds } from './load-hunt.ts'
import type { FileFault, YamlFile } from './yaml-file.ts'

/** Type-checks every expression against the facts that it may see, and compiles every template. */
export function checkExpressions(
  challenge: Challenge,
  file: YamlFile<ChallengeFile>,
  kinds: Kinds,
  faults: FileFault[],
): void {
  const facts: Record<string, z.ZodType> = {}
  for (const [index, check] of challenge.checks.entries()) {
    const kind = kinds.get(check.kind)
    if (kind) facts[check.as] = kind.facts
    const environment = typedEnvironment({ facts, params: challenge.params })
    for (const [position, expectation] of check.expect.entries()) {
      const path = ['checks', index, 'expect', position]
      const fault = expressionFault(environment, expectation.that)
      if (fault) {
        const names = [...Object.keys(facts), 'params', 'player'].join(', ')
        faults.push(
          file.fault(
            [...path, 'that'],
            `${fault.message} in ${quoted(expectation.that, fault.at)}; there are: ${names}`,
            fault.at,
          ),
        )
      }
      const texts = [expectation.else, expectation.expected, expectation.saw].flatMap((text) => [
        text?.en ?? '',
        text?.fr ?? '',
      ])
      for (const text of [...texts, expectation.where ?? ''])
        checkTemplate(text, path, challenge, file, faults)
    }
  }
  for (const [index, hint] of challenge.hints.entries()) {
    for (const text of [hint.text.en, hint.text.fr ?? ''])
      checkTemplate(text, ['hints', index, 'text'], challenge, file, faults)
  }
  checkTemplate(challenge.commands ?? '', ['commands'], challenge, file, faults)
}

function checkTemplate(
  text: string,
  path: (string | number)[],
  challenge: Challenge,
  file: YamlFile<ChallengeFile>,
  faults: FileFault[],
) {
  const fault = templateFault(text)
  if (fault !== null) faults.push(file.fault(path, `this template cannot be read: ${fault}`))
  for (const [, name = ''] of text.matchAll(/\{\{[^}]*?\bparams\.([A-Za-z0-9_]+)/g)) {
    if (!(name in challenge.params)) {
      const known = Object.keys(challenge.params).join(', ') || 'none'
      faults.push(file.fault(path, `there is no parameter ${name}; there are: ${known}`))
    }
  }
}

function quoted(expression: string, at: number): string {
  return JSON.stringify(expression.slice(Math.max(0, at - 12), at + 24).trim())
}
