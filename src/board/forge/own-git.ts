import { pipeline } from 'node:stream/promises'
import { Inconclusive } from '../../lib/errors.ts'
import { gitEnvironment, hardening } from './environment.ts'
import { ownBounds, startLimited, type GitProcess } from './git-process.ts'

/** A command of ours on a repository; rejects as `Inconclusive`, since nothing in it is a player's fault. */
export async function ownGit(
  gitDir: string,
  args: readonly string[],
  input: string | Iterable<Buffer> = '',
): Promise<string> {
  const git = startOwnGit(gitDir, args)
  const { stdin, stdout, stderr } = git.child
  let out = ''
  let said = ''
  stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)))
  const [code, fed] = await Promise.all([
    git.done,
    pipeline(typeof input === 'string' ? [input] : input, stdin).catch((error: unknown) => {
      // Most commands do not read to the end, and some not at all.
      if (endsEarly(error)) return undefined
      // Without this a git that waits for the rest of its input would wait for ever.
      git.end()
      return error as Error
    }),
  ])
  if (code !== 0 || fed)
    throw new Inconclusive(`git ${args[0] ?? ''} ended with ${code}: ${said.trim()}`, { cause: fed })
  return out
}

/** Starts a git of ours on a whole repository, within bounds. */
export function startOwnGit(gitDir: string, args: readonly string[]): GitProcess {
  return startLimited(gitDir, [...hardening, ...args], { env: gitEnvironment(gitDir), bounds: ownBounds })
}

/** A git that does not read its input to the end tells why by its exit code. */
export function endsEarly(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
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
