import { z } from 'zod'
import { expressionFault, typedScope, type TypedScope } from '../../core/cel-types.ts'
import type { Challenge, ChallengeFile } from '../../core/challenge.ts'
import { unknownValue, type Names } from '../../core/named-values.ts'
import { namedValues, templateFault } from '../../core/template-syntax.ts'
import type { Localized } from '../../core/text.ts'
import type { FileFault, YamlFile } from '../../lib/yaml-file.ts'
import type { CheckKinds } from '../../checks/check.ts'

type Path = readonly (string | number)[]

export interface Lint {
  challenge: Challenge
  file: YamlFile<ChallengeFile>
  kinds: CheckKinds
  faults: FileFault[]
  warnings: FileFault[]
}

/** Type-checks every expression against the facts that it may see, and every template against the values that it may name. */
export function checkExpressions(lint: Lint): void {
  const { challenge, file, kinds, faults } = lint
  const own = namesOf(challenge)
  const facts: Record<string, z.ZodType> = {}
  for (const [index, check] of challenge.checks.entries()) {
    checkSpec(check.spec, ['checks', index, check.kind], own, lint)
    const kind = kinds.get(check.kind)
    // Of a kind that there is not nothing is known, which is a fault of its own.
    facts[check.as] = kind?.facts ?? z.unknown()
    let scope: TypedScope
    try {
      if (check.as in own) throw new Error(`${check.as} stands for something else already`)
      scope = typedScope({ facts, params: challenge.params })
    } catch {
      faults.push(
        file.fault(['checks', index, 'as'], `${check.as} cannot be the name of facts: choose another`),
      )
      return
    }
    for (const [position, expectation] of check.expect.entries()) {
      const path = ['checks', index, 'expect', position]
      const fault = expressionFault(scope, expectation.that)
      if (fault) {
        const message = `${fault.message} (at ${quoted(expectation.that, fault.at)})`
        faults.push(file.fault([...path, 'that'], message, fault.at))
      }
      const names = { ...facts, ...own }
      for (const key of ['else', 'expected', 'saw'] as const)
        checkText(expectation[key], [...path, key], names, lint)
      checkFinding(expectation.where ?? '', [...path, 'where'], names, lint)
    }
  }
}

/** Checks the templates of hints, commands and stories, which are told to their player. */
export function checkTexts(lint: Lint, stories: readonly { file: string; text: string }[]): void {
  const { challenge, file, faults } = lint
  const own = namesOf(challenge)
  const registry = z.object({ host: z.string(), path: z.string(), plainHttp: z.boolean() })
  const hintNames = {
    ...own,
    repository: z.object({ name: z.string() }),
    hunt: z.object({ images: z.string() }),
    registry,
  }
  for (const [index, hint] of challenge.hints.entries()) {
    for (const [language, text = ''] of Object.entries(hint.text))
      checkTemplate(text, hintNames, (message) =>
        faults.push(file.fault(['hints', index, 'text', language], message)),
      )
  }
  const page = {
    ...own,
    repository: z.object({ name: z.string(), url: z.string() }),
    hunt: z.object({ name: z.string(), url: z.string(), images: z.string() }),
    registry,
  }
  checkTemplate(challenge.commands ?? '', page, (message) => faults.push(file.fault(['commands'], message)))
  for (const story of stories) {
    checkTemplate(story.text, page, (message, line = 1, column = 1) =>
      faults.push({ file: story.file, line, column, message }),
    )
  }
}

function namesOf({ params }: Challenge): Names {
  return {
    params: z.object(Object.fromEntries(Object.keys(params).map((name) => [name, z.string()]))),
    player: z.object({ slug: z.string(), name: z.string() }),
  }
}

/** Specs are rendered before their check looks: keys and values alike. */
function checkSpec(spec: unknown, path: Path, names: Names, { file, faults }: Lint): void {
  if (typeof spec === 'string')
    checkTemplate(spec, names, (message) => faults.push(file.fault(path, message)))
  if (typeof spec !== 'object' || spec === null) return
  for (const [key, value] of Object.entries(spec)) {
    const below = [...path, Array.isArray(spec) ? Number(key) : key]
    checkTemplate(key, names, (message) => faults.push(file.fault(below, message)))
    checkSpec(value, below, names, { file, faults } as Lint)
  }
}

function checkText(text: Localized | undefined, path: Path, names: Names, lint: Lint): void {
  for (const [language, template = ''] of Object.entries(text ?? {}))
    checkFinding(template, [...path, language], names, lint)
}

function checkFinding(
  template: string,
  path: Path,
  names: Names,
  { challenge, file, faults, warnings }: Lint,
) {
  checkTemplate(template, names, (message) => faults.push(file.fault(path, message)))
  if (templateFault(template) !== null) return
  for (const { parts } of namedValues(template)) {
    const [root, name = ''] = parts
    if (root === 'params' && challenge.params[name]?.public === false)
      warnings.push(file.fault(path, `${name} is not public: players read ••• here`))
  }
}

function checkTemplate(
  template: string,
  names: Names,
  report: (message: string, line?: number, column?: number) => void,
): void {
  const fault = templateFault(template)
  if (fault !== null) report(`this template cannot be read: ${fault}`)
  if (fault !== null) return
  for (const { parts, line, column } of namedValues(template)) {
    const unknown = unknownValue(names, parts)
    if (unknown !== null) report(unknown, line, column + 1)
  }
}

function quoted(expression: string, at: number): string {
  return JSON.stringify(expression.slice(Math.max(0, at - 12), at + 24).trim())
}
