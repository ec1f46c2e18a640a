import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../../lib/root.ts'
import { gitEnvironment } from './environment.ts'
import type { ForgeLimits } from './limits.ts'

// Set by the shell, since Node cannot: CPU seconds, address space and file size (KiB and half-KiB blocks), no core files.
// One that cannot be set is passed over: a lower one is in force already, or it is macOS, which bounds no address space.
const limited = [
  '{ ulimit -c 0; ulimit -t "$1"; ulimit -f "$2"; ulimit -v "$3"; } 2>/dev/null',
  'shift 3; exec git "$@"',
].join('\n')

/** The only hooks that run. */
export const hooksFolder = join(packageRoot(), 'src', 'board', 'forge', 'hooks')

export interface GitProcess {
  child: ChildProcessWithoutNullStreams
  /** Exit code, or the signal's name; resolves once all output was read. */
  done: Promise<number | string>
  kill: () => void
}

/** Starts a git that serves a client: clean environment, our hooks only, bounded CPU, memory and time. */
export function startGit(
  gitDir: string,
  args: readonly string[],
  limits: ForgeLimits,
  extra: Record<string, string> = {},
): GitProcess {
  const bounds = [limits.cpuSeconds, limits.quotaBytes / 512, limits.memoryBytes / 1024].map((value) =>
    String(Math.ceil(value)),
  )
  const child = spawn('/bin/sh', ['-c', limited, 'sh', ...bounds, ...args], {
    cwd: gitDir,
    env: { ...gitEnvironment(gitDir), ...configuration(limits), ...hookLimits(limits), ...extra },
    stdio: 'pipe',
    // A group of its own, so that killing it takes its children along.
    detached: true,
  })
  let closed = false
  const kill = () => {
    try {
      // Also when git itself has ended: a child of it may live on and hold the pipes.
      if (child.pid !== undefined && !closed) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It ended in between.
    }
  }
  const timer = setTimeout(kill, limits.wallSeconds * 1000)
  // A child that stops reading closes its end: what is left of the request is then read to nowhere.
  child.stdin.on('error', () => child.stdin.destroy())
  const done = new Promise<number | string>((resolve) => {
    child.on('error', () => resolve('ENOENT'))
    child.on('close', (code, signal) => {
      closed = true
      resolve(code ?? signal ?? 'unknown')
    })
  }).finally(() => clearTimeout(timer))
  return { child, done, kill }
}

/** Configuration in the environment goes before the repository's own, which nobody but us writes anyway. */
function configuration(limits: ForgeLimits): Record<string, string> {
  const settings = {
    'core.hooksPath': hooksFolder,
    'core.bigFileThreshold': '1m',
    'core.packedGitLimit': '64m',
    'gc.auto': '0',
    'pack.threads': '1',
    'pack.windowMemory': '64m',
    'protocol.allow': 'never',
    'receive.advertisePushOptions': 'true',
    'receive.autogc': 'false',
    'receive.denyDeletes': 'false',
    'receive.denyNonFastForwards': 'false',
    'receive.fsckObjects': 'true',
    'receive.maxInputSize': String(limits.pushBytes),
    // The data folder may lie on a volume that belongs to another user.
    'safe.directory': '*',
    'transfer.hideRefs': 'refs/shambhala',
    'uploadpack.allowFilter': 'false',
    'uploadpack.allowAnySHA1InWant': 'false',
  }
  const entries = Object.entries(settings).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ])
  return {
    GIT_CONFIG_COUNT: String(entries.length / 2),
    ...(Object.fromEntries(entries) as Record<string, string>),
  }
}

function hookLimits(limits: ForgeLimits): Record<string, string> {
  return {
    SHAMBHALA_OBJECTS: String(limits.objects),
    SHAMBHALA_UNPACKED: String(limits.unpackedBytes),
    SHAMBHALA_BLOB: String(limits.blobBytes),
    SHAMBHALA_QUOTA_KIB: String(Math.floor(limits.quotaBytes / 1024)),
  }
}
