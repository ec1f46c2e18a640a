import { simpleGit, type SimpleGitOptions } from 'simple-git'
import { Inconclusive, TooLarge } from '../../lib/errors.ts'
import type { Log } from '../../lib/log.ts'
import { gitEnvironment, hardening } from './environment.ts'
import type { GitOptions } from './types.ts'

/** Runs one git command to its end and gives its output byte for byte. */
export type Run = (args: readonly string[], options?: GitOptions) => Promise<Buffer>

interface RunnerOptions {
  gitDir: string
  git: string
  log: Log
  stop: AbortSignal
}

const defaultMaxBytes = 16 * 1024 * 1024

// What simple-git refuses from a stranger's arguments; here it is our own environment that closes doors.
const allowances: Partial<SimpleGitOptions> = {
  unsafe: {
    allowUnsafeHooksPath: true,
    allowUnsafeProtocolOverride: true,
    allowUnsafeFsMonitor: true,
    allowUnsafeConfigPaths: true,
    allowUnsafeCustomBinary: true,
  },
}

export function gitRunner({ gitDir, git, log, stop }: RunnerOptions): Run {
  const wasStopped = () => stop.aborted
  return async (args, { input, maxBytes = defaultMaxBytes, scratch, codes = [0] } = {}) => {
    if (wasStopped()) throw new Inconclusive('The repository cannot be read: reading was stopped.')
    const env = {
      ...gitEnvironment(gitDir, git),
      ...(scratch !== undefined && { GIT_INDEX_FILE: `${scratch}/index`, GIT_WORK_TREE: scratch }),
    }
    const chunks: Buffer[] = []
    let size = 0
    const full = new AbortController()
    const command = () =>
      simpleGit({
        ...allowances,
        baseDir: gitDir,
        binary: git,
        allowEnvironment: Object.keys(env),
        abort: AbortSignal.any([stop, full.signal]),
        errors: (error, { exitCode }) =>
          codes.includes(exitCode) ? undefined : (error ?? new Error(`git ended with ${exitCode}`)),
        ...(input !== undefined && { input: () => input }),
      })
        .env(env)
        // simple-git answers with decoded text and knows no bound; the bytes are taken as they come.
        .outputHandler((_command, stdout) => {
          stdout.on('data', (chunk: Buffer) => {
            size += chunk.length
            if (size > maxBytes) full.abort()
            else chunks.push(chunk)
          })
        })
    const failure = await failureOf(() => command().raw([...hardening, ...args]))
    if (wasStopped()) throw new Inconclusive('The repository cannot be read: reading was stopped.')
    if (size > maxBytes) throw new TooLarge(`git ${args[0] ?? ''} has more than ${maxBytes} bytes to tell.`)
    if (failure !== undefined) {
      log.warn({ gitDir, args: args.slice(0, 20), err: failure }, 'git failed')
      throw new Inconclusive('The repository cannot be read.', { cause: failure })
    }
    return Buffer.concat(chunks)
  }
}

async function failureOf(run: () => PromiseLike<unknown>): Promise<unknown> {
  try {
    await run()
    return undefined
  } catch (error) {
    return error
  }
}
