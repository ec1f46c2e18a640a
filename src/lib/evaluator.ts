import { Worker } from 'node:worker_threads'
import { Inconclusive } from './errors.ts'
import { createGate } from './gate.ts'

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

/** One request at a time: its deadline is its own, and so is its failure. */
export function createEvaluator(options: { milliseconds: number }): Evaluator {
  const turns = createGate(1)
  let worker: Worker | undefined
  let closed = false
  let sequence = 0

  const drop = async () => {
    const last = worker
    worker = undefined
    await last?.terminate()
  }
  const ask = (thread: Worker, request: EvaluationRequest) =>
    new Promise<Evaluated>((resolve, reject) => {
      const settle = (end: () => void) => {
        clearTimeout(timer)
        thread.off('message', onMessage).off('error', onError)
        end()
      }
      const fail = (message: string, cause?: unknown) => {
        settle(() => reject(new Inconclusive(message, { cause })))
        void drop()
      }
      const onMessage = ({ id, results }: { id: number; results: Evaluated }) => {
        if (id === request.id) settle(() => resolve(results))
      }
      const onError = (error: unknown) => fail('the evaluation broke off', error)
      const late = `an expression took longer than ${options.milliseconds} ms`
      const timer = setTimeout(() => fail(late), options.milliseconds)
      thread.on('message', onMessage).on('error', onError)
      thread.postMessage(request)
    })

  return {
    evaluate: (expressions, values) =>
      turns.pass('', async () => {
        if (closed) throw new Inconclusive('the server stops')
        worker ??= startThread()
        worker.unref()
        sequence += 1
        return await ask(worker, { id: sequence, expressions, values })
      }),
    async close() {
      closed = true
      await drop()
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
