import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { join } from 'node:path'
import { startProgram } from '../../lib/process.ts'
import { packageRoot } from '../../lib/root.ts'

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

/** Becomes git, after it has set the limits that its environment names. */
export const limitedGit = join(packageRoot(), 'src', 'board', 'forge', 'limited-git')

/** The environment by which it knows them. */
export function limitsIn(
  { cpuSeconds, fileBytes, memoryBytes }: GitBounds,
  git = 'git',
): Record<string, string> {
  return {
    LIMITED_GIT: git,
    LIMIT_CPU_SECONDS: String(Math.ceil(cpuSeconds)),
    LIMIT_FILE_BLOCKS: String(Math.ceil(fileBytes / 512)),
    LIMIT_MEMORY_KIB: String(Math.ceil(memoryBytes / 1024)),
  }
}

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
  { env, bounds, git }: Starting,
): GitProcess {
  const program = startProgram('/bin/sh', [limitedGit, ...args], {
    cwd: gitDir,
    env: { ...env, ...limitsIn(bounds, git) },
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
