import { parentPort } from 'node:worker_threads'
import { celEnvironment } from './cel.ts'
import type { Evaluated, EvaluationRequest, EvaluationResult, ThreadAnswer } from './evaluation.ts'

// The hunt's files were type-checked when they were loaded; here everything is dynamic.
const environment = celEnvironment({ undeclared: true })

/** JSON to CEL: whole numbers are ints, objects are maps without a prototype to reach. */
function toCel(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(toCel)
  if (typeof value !== 'object' || value === null) return value
  return new Map(Object.entries(value).map(([key, item]) => [key, toCel(item)]))
}

function fromCel(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.slice(0, 20).map(fromCel)
  if (value instanceof Map)
    return Object.fromEntries([...value].slice(0, 20).map(([key, item]) => [String(key), fromCel(item)]))
  return value
}

function evaluate(expression: string, values: Record<string, unknown>): EvaluationResult {
  try {
    return { value: fromCel(environment.evaluate(expression, values)) }
  } catch (error) {
    return { error: (error as Error).message.split('\n')[0] ?? 'cannot be evaluated' }
  }
}

function answer({ expressions, values }: EvaluationRequest): Evaluated {
  const cel = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toCel(value)]))
  const results: Evaluated = []
  for (const { that, chains } of expressions) {
    const result = evaluate(that, cel)
    const fulfilled = 'value' in result && result.value === true
    results.push({ result, seen: fulfilled ? [] : chains.map((chain) => evaluate(chain, cel)) })
    if (!fulfilled) break
  }
  return results
}

function say(message: ThreadAnswer): void {
  parentPort?.postMessage(message)
}

parentPort?.on('message', (request: EvaluationRequest) => say({ id: request.id, results: answer(request) }))
say({ ready: true })
