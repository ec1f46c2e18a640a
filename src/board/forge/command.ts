import { Inconclusive, TooLarge } from '../../lib/errors.ts'
import type { Log } from '../../lib/log.ts'
import { hardening } from './environment.ts'
import { isOverwhelmed, type GitProcess } from './git-process.ts'
import type { GitOptions } from './types.ts'

/** Runs one git command to its end and gives its output byte for byte. */
export type Run = (args: readonly string[], options?: GitOptions) => Promise<Buffer>

interface RunnerOptions {
  gitDir: string
  log: Log
  stop: AbortSignal
  /** Starts a git on the repository, within bounds. */
  start: (args: readonly string[], env?: Record<string, string>) => GitProcess
}

const defaultMaxBytes = 16 * 1024 * 1024
const saidKept = 2000

export function gitRunner({ gitDir, log, stop, start }: RunnerOptions): Run {
  const mustGoOn = () => {
    if (stop.aborted) throw new Inconclusive('The repository cannot be read: reading was stopped.')
  }
  return async (args, { input, maxBytes = defaultMaxBytes, scratch, codes = [0] } = {}) => {
    mustGoOn()
    const env = scratch === undefined ? {} : { GIT_INDEX_FILE: `${scratch}/index`, GIT_WORK_TREE: scratch }
    const git = start([...hardening, ...args], env)
    const heard = await hear(git, { input, maxBytes, stop })
    mustGoOn()
    const name = args[0] ?? ''
    if (heard.size > maxBytes) throw tooMuchToTell(name, maxBytes)
    if (typeof heard.code === 'number' && codes.includes(heard.code)) return Buffer.concat(heard.chunks)
    log.warn({ gitDir, args: args.slice(0, 20), code: heard.code, said: heard.said }, 'git failed')
    if (isOverwhelmed(heard.code, heard.said)) throw tooMuchWork(name)
    throw new Inconclusive('The repository cannot be read.', { cause: new Error(heard.said) })
  }
}

interface Heard {
  code: number | string
  chunks: Buffer[]
  size: number
  /** The end of what it said on its standard error. */
  said: string
}

/** Feeds it and listens to its end; one that has more to tell than it may is ended. */
async function hear(
  git: GitProcess,
  { input, maxBytes, stop }: { input: string | Buffer | undefined; maxBytes: number; stop: AbortSignal },
): Promise<Heard> {
  const heard: Heard = { code: 0, chunks: [], size: 0, said: '' }
  git.child.stdout.on('data', (chunk: Buffer) => {
    heard.size += chunk.length
    if (heard.size > maxBytes) git.end()
    else heard.chunks.push(chunk)
  })
  git.child.stderr.on('data', (chunk: Buffer) => {
    heard.said = (heard.said + chunk.toString('utf8')).slice(-saidKept)
  })
  git.child.stdin.end(input)
  let onStop: (() => void) | undefined
  const stopped = new Promise<string>((resolve) => {
    onStop = () => {
      git.end()
      resolve('stopped')
    }
    stop.addEventListener('abort', onStop)
  })
  heard.code = await Promise.race([git.done, stopped])
  if (onStop) stop.removeEventListener('abort', onStop)
  if (git.isLate()) heard.said = 'it took too long'
  return heard
}

function tooMuchToTell(name: string, maxBytes: number): TooLarge {
  return new TooLarge(
    `The repository is too large to be looked at: git ${name} has more than ${maxBytes} bytes to tell.`,
    `Le dépôt est trop grand pour être regardé : git ${name} a plus de ${maxBytes} octets à dire.`,
  )
}

export function tooMuchWork(name: string): TooLarge {
  return new TooLarge(
    `The repository takes more time or memory to read than any of this hunt needs: git ${name} gave up. Take out what makes it so large or so deeply nested.`,
    `Le dépôt demande plus de temps ou de mémoire à lire qu’aucun de cette chasse : git ${name} a renoncé. Enlève ce qui le rend si grand ou si profondément imbriqué.`,
  )
}
