import { Environment } from '@marcbachmann/cel-js'
import { RE2JS } from 're2js'

const mostPatterns = 500
const patterns = new Map<string, RE2JS>()

/**
 * CEL with what we add to it: `re(pattern, text)`, which runs in linear time, and arithmetic between whole and other
 * numbers, since a JSON value says nothing of which of the two it is.
 */
export function celEnvironment(options: { undeclared: boolean }): Environment {
  const environment = new Environment({
    unlistedVariablesAreDyn: options.undeclared,
    homogeneousAggregateLiterals: false,
  })
  environment.registerFunction('re(string, string): bool', (pattern: string, text: string) =>
    patternOf(pattern).matcher(text).find(),
  )
  const arithmetic: Record<string, (a: number, b: number) => number> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
  }
  for (const [sign, apply] of Object.entries(arithmetic)) {
    const handler = (a: bigint | number, b: bigint | number) => apply(Number(a), Number(b))
    environment.registerOperator(`int ${sign} double`, handler)
    environment.registerOperator(`double ${sign} int`, handler)
  }
  return environment
}

function patternOf(pattern: string): RE2JS {
  const known = patterns.get(pattern) ?? RE2JS.compile(pattern)
  if (patterns.size >= mostPatterns) patterns.clear()
  patterns.set(pattern, known)
  return known
}
