import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { Inconclusive } from './errors.ts'

/** Where a machine's programs lie, whatever the server's own PATH says. */
export const usualFolders = ['/usr/local/bin', '/usr/bin', '/bin', '/opt/homebrew/bin']

/** How a program that was started came to its end. */
export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  /** It could not be started at all. */
  error?: Error
}

/** A program in a process group of its own. */
export interface Program {
  child: ChildProcessWithoutNullStreams
  /** Never rejects; resolves once it has ended and its output was read to the end. */
  ended: Promise<Ended>
  /** Signals the program and all that it started; does nothing where it never started or has ended. */
  end: (signal?: NodeJS.Signals) => void
}

interface Starting {
  cwd: string
  env: Record<string, string>
}

/** Starts a program with pipes to it. What it started and left behind ends with it. Throws `Inconclusive` where no pipe can be made. */
export function startProgram(program: string, args: readonly string[], { cwd, env }: Starting): Program {
  const child = spawn(program, args, { cwd, env, stdio: 'pipe', detached: true, windowsHide: true })
  const { pid } = child
  const failed = new Promise<Ended>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }))
  })
  // Where no pipe can be made for want of file descriptors, Node gives a child without any.
  if ((child.stdin as unknown) === undefined)
    throw new Inconclusive(`${program} cannot be started: too many files are open`)
  let running = pid !== undefined
  const signalAll = (signal: NodeJS.Signals) => {
    if (running && pid !== undefined) signalGroup(pid, signal)
  }
  child.once('exit', () => {
    // The group's number is nobody else's yet: only now can children that hold the pipes be reached.
    signalAll('SIGKILL')
    running = false
  })
  // A program that stops reading closes its end; its exit code tells why.
  child.stdin.on('error', () => child.stdin.destroy())
  const closed = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  return { child, ended: Promise.race([failed, closed]), end: (signal = 'SIGKILL') => signalAll(signal) }
}

interface StartingService extends Starting {
  uid?: number
  gid?: number
  /** A file that both output streams go to. */
  output: number
}

/** Starts a program that lives on without this process, in a session of its own. */
export function startService(
  program: string,
  args: readonly string[],
  { output, ...starting }: StartingService,
): { pid: number | undefined; ended: Promise<void> } {
  const child = spawn(program, args, { ...starting, detached: true, stdio: ['ignore', output, output] })
  child.unref()
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve()).once('error', () => resolve())
  })
  return { pid: child.pid, ended }
}

/**
 * Signals a child unless it never started or has ended; false: it was left alone. Until Node has reported a spawn that failed,
 * its own `kill` hands the system a number that nobody set, which may stand for this process's group or for a stranger.
 */
export function endChild(
  child: Pick<ChildProcess, 'pid' | 'exitCode' | 'signalCode' | 'kill'>,
  signal: NodeJS.Signals = 'SIGKILL',
): boolean {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return false
  return child.kill(signal)
}

/** Signals one process by its number; false: there is none. The caller knows that the number is still that process's. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  return send(processNumber(pid), signal)
}

/** Signals the process group that this process leads; false: there is none. */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  return send(-processNumber(leader), signal)
}

/** Whether a process has this number, be it somebody else's. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid < 1) return false
  try {
    return send(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Zero, one and negative numbers stand for groups, for the first process and for everybody. */
function processNumber(pid: number): number {
  if (!Number.isSafeInteger(pid) || pid < 2) throw new Error(`${pid} is no number of a process`)
  return pid
}

function send(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}
