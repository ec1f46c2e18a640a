import { pipeline } from 'node:stream/promises'
import { simpleGit, type SimpleGitOptions } from 'simple-git'
import { codeOf, Inconclusive } from '../../lib/errors.ts'
import { gitEnvironment, hardening } from './environment.ts'
import { limitedGit, limitsIn, ownBounds, startLimited, type GitProcess } from './git-process.ts'

// What simple-git refuses from a stranger's arguments; here it is our own environment that closes doors.
const allowances: Partial<SimpleGitOptions> = {
  unsafe: {
    allowUnsafeHooksPath: true,
    allowUnsafeProtocolOverride: true,
    allowUnsafeFsMonitor: true,
    allowUnsafeConfigPaths: true,
    allowUnsafeCustomBinary: true,
    allowUnsafeTemplateDir: true,
  },
}

/** A command of ours on a repository; rejects as `Inconclusive`, since nothing in it is a player's fault. */
export async function ownGit(gitDir: string, args: readonly string[], input = ''): Promise<string> {
  const env = { ...gitEnvironment(gitDir), ...limitsIn(ownBounds) }
  try {
    return await simpleGit({
      ...allowances,
      baseDir: gitDir,
      binary: ['/bin/sh', limitedGit],
      allowEnvironment: Object.keys(env),
      input: () => input,
    })
      .env(env)
      .raw([...hardening, ...args])
  } catch (error) {
    throw new Inconclusive(`git ${args[0] ?? ''} failed`, { cause: error })
  }
}

/** The same for a command that reads long input. */
export async function feedGit(
  gitDir: string,
  args: readonly string[],
  input: Iterable<Buffer>,
): Promise<void> {
  const git = startOwnGit(gitDir, args)
  const { stdin, stdout, stderr } = git.child
  let said = ''
  stdout.resume()
  stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)))
  const [code, fed] = await Promise.all([
    git.done,
    pipeline(input, stdin).catch((error: unknown) => {
      // A git that gave up tells why by its exit code.
      if (endsEarly(error)) return undefined
      // Without this a git that waits for the rest of its input would wait for ever.
      git.end()
      return error as Error
    }),
  ])
  if (code !== 0 || fed)
    throw new Inconclusive(`git ${args[0] ?? ''} ended with ${code}: ${said.trim()}`, { cause: fed })
}

/** Starts a git of ours on a whole repository, within bounds. */
export function startOwnGit(gitDir: string, args: readonly string[]): GitProcess {
  return startLimited(gitDir, [...hardening, ...args], { env: gitEnvironment(gitDir), bounds: ownBounds })
}

/** A git that does not read its input to the end tells why by its exit code. */
export function endsEarly(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE'
}

/** Names and object ids of the refs below a prefix. */
export async function refsBelow(gitDir: string, below: string): Promise<[string, string][]> {
  const out = await ownGit(gitDir, ['for-each-ref', '--format=%(refname) %(objectname)', below])
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ') as [string, string])
}
