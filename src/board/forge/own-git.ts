import { spawn } from 'node:child_process'
import { pipeline } from 'node:stream/promises'
import { Inconclusive } from '../../lib/errors.ts'
import { gitEnvironment, hardening } from './environment.ts'

/** A command of ours on a repository; rejects as `Inconclusive`, since nothing in it is a player's fault. */
export async function ownGit(
  gitDir: string,
  args: readonly string[],
  input: string | Iterable<Buffer> = '',
): Promise<string> {
  const child = spawn('git', [...hardening, ...args], {
    cwd: gitDir,
    env: gitEnvironment(gitDir),
    stdio: 'pipe',
  })
  let out = ''
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)))
  const ended = new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  )
  const [code, fed] = await Promise.all([
    ended.catch((error: unknown) => error as Error),
    pipeline(typeof input === 'string' ? [input] : input, child.stdin).catch((error: unknown) => {
      // Most commands do not read to the end, and some not at all.
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') return undefined
      // Without this a git that waits for the rest of its input would wait for ever.
      child.kill()
      return error as Error
    }),
  ])
  if (code !== 0 || fed)
    throw new Inconclusive(`git ${args[0] ?? ''} failed: ${said.trim()}`, {
      cause: code instanceof Error ? code : fed,
    })
  return out
}

/** Names and object ids of the refs below a prefix. */
export async function refsBelow(gitDir: string, below: string): Promise<[string, string][]> {
  const out = await ownGit(gitDir, ['for-each-ref', '--format=%(refname) %(objectname)', below])
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ') as [string, string])
}
