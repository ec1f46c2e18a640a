import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { searchPath } from './board/tools.ts'

export interface Ran {
  code: number
  stdout: string
  stderr: string
  /** What the server said, line by line, without `remote: ` and trailing blanks. */
  remote: string[]
}

/** A player's own machine with all tools of the trade: an empty home, a name for commits, no prompts, no configuration of ours. */
export interface Shell {
  folder: string
  run(command: string, environment?: Record<string, string>): Promise<Ran>
  remove(): void
}

export function openShell(): Shell {
  const folder = mkdtempSync(join(tmpdir(), 'shambhala-shell-'))
  const env = {
    PATH: searchPath(),
    HOME: folder,
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'A Player',
    GIT_AUTHOR_EMAIL: 'player@example.org',
    GIT_COMMITTER_NAME: 'A Player',
    GIT_COMMITTER_EMAIL: 'player@example.org',
  }
  return {
    folder,
    run: (command, environment = {}) =>
      new Promise((resolve, reject) => {
        const child = spawn('bash', ['-c', command], { cwd: folder, env: { ...env, ...environment } })
        let stdout = ''
        let stderr = ''
        child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')))
        child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')))
        child.on('error', reject)
        child.on('close', (code) => {
          const remote = stderr.split(/[\r\n]+/).flatMap((line) => /^remote: (.*?)\s*$/.exec(line)?.[1] ?? [])
          resolve({ code: code ?? -1, stdout, stderr, remote })
        })
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
