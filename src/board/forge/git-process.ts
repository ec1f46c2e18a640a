import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { startProgram } from '../../lib/process.ts'

/** What one git may use; it is ended where it wants more. */
export interface GitBounds {
  cpuSeconds: number
  /** Address space. */
  memoryBytes: number
  /** Of one file that it writes. */
  fileBytes: number
  wallSeconds: number
}

const MiB = 2 ** 20

/** For what reads a player's repository: a player's content decides what it costs. */
export const readBounds: GitBounds = {
  cpuSeconds: 10,
  memoryBytes: 512 * MiB,
  fileBytes: 16 * MiB,
  wallSeconds: 60,
}

/** For what we do with whole repositories: building, packing, restoring. */
export const ownBounds: GitBounds = {
  cpuSeconds: 120,
  memoryBytes: 1500 * MiB,
  fileBytes: 1024 * MiB,
  wallSeconds: 600,
}

// Set by the shell, since Node cannot: CPU seconds, file size and address space (half-KiB and KiB blocks), no core files.
// One that cannot be set is passed over: a lower one is in force already, or it is macOS, which bounds no address space.
// The soft limit of CPU seconds comes first, so that the signal tells what it was.
const limited = [
  '{ ulimit -c 0; ulimit -H -t "$(($1 + 1))"; ulimit -S -t "$1"; ulimit -f "$2"; ulimit -v "$3"; } 2>/dev/null',
  'shift 3; exec "$0" "$@"',
].join('\n')

export interface GitProcess {
  child: ChildProcessWithoutNullStreams
  /** Exit code, or the signal's name; resolves once all output was read. */
  done: Promise<number | string>
  end: () => void
  /** Its time begins anew: it waited for somebody else. */
  goOn: () => void
  /** It was ended since it took longer than it may. */
  isLate: () => boolean
}

interface Starting {
  env: Record<string, string>
  bounds: GitBounds
  /** The git program; found by name when not said. */
  git?: string
}

/** Starts a git with this environment alone, whose CPU, memory, files and time are bounded. */
export function startLimited(
  gitDir: string,
  args: readonly string[],
  { env, bounds, git = 'git' }: Starting,
): GitProcess {
  const numbers = [bounds.cpuSeconds, bounds.fileBytes / 512, bounds.memoryBytes / 1024].map((value) =>
    String(Math.ceil(value)),
  )
  const program = startProgram('/bin/sh', ['-c', limited, git, ...numbers, ...args], {
    cwd: gitDir,
    env,
  })
  let late = false
  const end = () => program.end()
  const timer = setTimeout(() => {
    late = true
    end()
  }, bounds.wallSeconds * 1000)
  const done = program.ended
    .then(({ code, signal, error }) => (error ? 'ENOENT' : (code ?? signal ?? 'unknown')))
    .finally(() => clearTimeout(timer))
  return { child: program.child, done, end, goOn: () => void timer.refresh(), isLate: () => late }
}

/** A git that gave up, or was ended, for what the repository holds: its way to say so, by exit code and last words. */
export function isOverwhelmed(code: number | string, said: string): boolean {
  return (
    code === 'SIGXCPU' ||
    code === 'SIGXFSZ' ||
    code === 'SIGSEGV' ||
    /out of memory|mmap failed: cannot allocate|maximum allowed tree depth/i.test(said)
  )
}
