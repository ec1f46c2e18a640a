import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Fault } from './errors.ts'

const least = [2, 36] as const

/** Throws a `Fault` where git is missing or older than 2.36, the first with `cat-file --batch-command`. */
export async function checkGit(): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['--version']).catch(() => {
    throw new Fault('git is not installed: install git 2.36 or later, then start again.')
  })
  const [, major, minor] = /(\d+)\.(\d+)/.exec(stdout) ?? []
  const found = [Number(major), Number(minor)] as const
  if (found[0] > least[0] || (found[0] === least[0] && found[1] >= least[1])) return stdout.trim()
  throw new Fault(`${stdout.trim()} is too old: install git ${least.join('.')} or later, then start again.`)
}
