import { Worker } from 'node:worker_threads'
import { Inconclusive } from './errors.ts'
import type { Evaluated, EvaluationRequest, ThreadAnswer } from './evaluation.ts'
import { createGate } from './gate.ts'

/** Evaluates CEL in a worker thread, so that no expression can hold the server up. */
export interface Evaluator {
  /**
   * Rejects as `Inconclusive` at the deadline; the thread is then replaced. Facts are bounded and the expression is
   * the organizer's, so that too much work is never the player's fault.
   */
  evaluate(expressions: EvaluationRequest['expressions'], values: Record<string, unknown>): Promise<Evaluated>
  close(): Promise<void>
}

const resourceLimits = { maxOldGenerationSizeMb: 256 }

/** One request at a time: its deadline is its own, and so is its failure. An idle thread does not keep the process alive. */
export function createEvaluator(options: { milliseconds: number }): Evaluator {
  const turns = createGate(1)
  let thread: Worker | undefined
  let started: Promise<void> | undefined
  let closed = false
  let sequence = 0

  const drop = async () => {
    const last = thread
    thread = undefined
    await last?.terminate()
  }
  const start = (): Promise<void> => {
    if (thread && started) return started
    thread = startThread()
    started = listen(thread, (message) => ('ready' in message ? { done: undefined } : null))
    thread.unref()
    return started
  }
  const ask = async (request: EvaluationRequest): Promise<Evaluated> => {
    const ready = start()
    thread?.ref()
    await ready
    if (!thread) throw new Inconclusive('the server stops')
    thread.postMessage(request)
    // The deadline is for the expressions alone: a busy machine may start a thread slowly.
    return await listen(
      thread,
      (message) => ('id' in message && message.id === request.id ? { done: message.results } : null),
      options.milliseconds,
    )
  }

  // A first push should not wait for the thread; whether it started is asked for with the first request.
  start().catch(() => undefined)
  return {
    evaluate: (expressions, values) =>
      turns.pass('', async () => {
        if (closed) throw new Inconclusive('the server stops')
        sequence += 1
        try {
          return await ask({ id: sequence, expressions, values })
        } catch (error) {
          void drop()
          throw error instanceof Inconclusive
            ? error
            : new Inconclusive('the evaluation broke off', { cause: error })
        } finally {
          thread?.unref()
        }
      }),
    async close() {
      closed = true
      await drop()
    },
  }
}

/** Resolves with what `take` finds in a message. Rejects as `Inconclusive` when the thread ends or time is up. */
function listen<T>(
  thread: Worker,
  take: (message: ThreadAnswer) => { done: T } | null,
  milliseconds?: number,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer)
      thread.off('message', onMessage).off('error', onError).off('exit', onExit)
    }
    const fail = (message: string, cause?: unknown) => {
      settle()
      reject(new Inconclusive(message, { cause }))
    }
    const onMessage = (message: ThreadAnswer) => {
      const taken = take(message)
      if (!taken) return
      settle()
      resolve(taken.done)
    }
    const onError = (error: unknown) => fail('the evaluation broke off', error)
    const onExit = () => fail('the evaluation was ended')
    const late = `an expression took longer than ${milliseconds ?? 0} ms`
    const timer = milliseconds === undefined ? undefined : setTimeout(() => fail(late), milliseconds)
    thread.on('message', onMessage).on('error', onError).on('exit', onExit)
  })
}

/** Compiled, the thread is plain JavaScript. Run from the sources, it has to register tsx first: Node 20 does not hand a loader on. */
function startThread(): Worker {
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./evaluator-worker.js', import.meta.url), { resourceLimits })
  const source = new URL('./evaluator-worker.ts', import.meta.url).href
  const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(source)}) })`
  return new Worker(start, { eval: true, resourceLimits })
}
