import { dirname, isAbsolute } from 'node:path'

/**
 * The whole environment of a git that reads hostile repositories: no configuration but the repository's own,
 * no replaced or grafted objects that would show another history than the one that was pushed, no network, no prompt.
 */
export function gitEnvironment(gitDir: string, git = 'git'): Record<string, string> {
  const own = isAbsolute(git) ? `${dirname(git)}:` : ''
  return {
    PATH: `${own}/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin`,
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_DIR: gitDir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: '/nonexistent',
    GIT_TERMINAL_PROMPT: '0',
  }
}

/** Laid over the repository's own configuration, which nobody but us writes; belt and braces. */
export const hardening: readonly string[] = [
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'protocol.allow=never',
  '-c',
  'core.fsmonitor=false',
]
