import { join } from 'node:path'
import { packageRoot } from '../../lib/root.ts'
import { gitEnvironment } from './environment.ts'
import { startLimited, type GitProcess } from './git-process.ts'
import type { ForgeLimits } from './limits.ts'

/** The only hooks that run. */
export const hooksFolder = join(packageRoot(), 'src', 'board', 'forge', 'hooks')

/** Starts a git that serves a client: clean environment, our hooks only, bounded CPU, memory and time. */
export function startGit(
  gitDir: string,
  args: readonly string[],
  limits: ForgeLimits,
  extra: Record<string, string> = {},
): GitProcess {
  return startLimited(gitDir, args, {
    env: { ...gitEnvironment(gitDir), ...configuration(limits), ...hookLimits(limits), ...extra },
    bounds: { ...limits, fileBytes: limits.quotaBytes },
  })
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
