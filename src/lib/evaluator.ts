import { Worker } from 'node:worker_threads'
import { Inconclusive } from './errors.ts'

export type EvaluationResult = { value: unknown } | { error: string }

export interface EvaluationRequest {
  id: number
  /** Evaluated in order, up to the first that is not true; of that one the chains too. */
  expressions: { that: string; chains: string[] }[]
  values: Record<string, unknown>
}

export type Evaluated = { result: EvaluationResult; seen: EvaluationResult[] }[]

/** Evaluates CEL in a worker thread, so that no expression can hold the server up. */
export interface Evaluator {
  /** Rejects as `Inconclusive` at the deadline; the thread is then replaced. */
  evaluate(expressions: EvaluationRequest['expressions'], values: Record<string, unknown>): Promise<Evaluated>
  close(): Promise<void>
}

interface Waiting {
  resolve(evaluated: Evaluated): void
  reject(error: Error): void
  timer: NodeJS.Timeout
}

export function createEvaluator(options: { milliseconds: number }): Evaluator {
  let worker: Worker | undefined
  let sequence = 0
  const waiting = new Map<number, Waiting>()

  const fail = (error: Error) => {
    for (const one of waiting.values()) {
      clearTimeout(one.timer)
      one.reject(error)
    }
    waiting.clear()
    void worker?.terminate()
    worker = undefined
  }
  const start = (): Worker => {
    const made = startThread()
    made.unref()
    made.on('message', ({ id, results }: { id: number; results: Evaluated }) => {
      const one = waiting.get(id)
      if (!one) return
      waiting.delete(id)
      clearTimeout(one.timer)
      one.resolve(results)
    })
    made.on('error', (error) => {
      if (made === worker) fail(new Inconclusive('the evaluation broke off', { cause: error }))
    })
    return made
  }

  return {
    evaluate(expressions, values) {
      worker ??= start()
      sequence += 1
      const id = sequence
      const sent = worker
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => fail(new Inconclusive(`an expression took longer than ${options.milliseconds} ms`)),
          options.milliseconds,
        )
        waiting.set(id, { resolve, reject, timer })
        sent.postMessage({ id, expressions, values } satisfies EvaluationRequest)
      })
    },
    async close() {
      const last = worker
      fail(new Inconclusive('the server stops'))
      await last?.terminate()
    },
  }
}

/** Compiled, the thread is plain JavaScript. Run from the sources, it has to register tsx first: Node 20 does not hand a loader on. */
function startThread(): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./evaluator-worker.js', import.meta.url))
  const source = new URL('./evaluator-worker.ts', import.meta.url).href
  const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(source)}) })`
  return new Worker(start, { eval: true })
}
