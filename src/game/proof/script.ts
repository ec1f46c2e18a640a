import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { startProgram, usualFolders } from '../../lib/process.ts'
import type { ProofHome } from './home.ts'

export interface Run {
  code: number
  /** What it said, both streams, at most its last 64 KiB. */
  output: string
  /** What follows `answer: ` on the last such line of standard output. */
  answer: string | undefined
}

const keptBytes = 64 * 1024

interface Running {
  /** What lies in the script's home before. */
  home?: (folder: string) => ProofHome
  seconds?: number
  /** `sh` when not said. */
  shell?: 'sh' | 'bash'
  /** Kills it. */
  stop?: AbortSignal
}

/**
 * Runs a shell with these arguments in a folder of its own, which is its home, with this machine's tools, those below `bin/` of the
 * home first, and nobody's Git configuration.
 */
export async function runShell(
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
  { home, seconds = 180, shell = 'sh', stop }: Running = {},
): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-way-'))
  try {
    const given = home?.(folder) ?? { files: {}, variables: {} }
    for (const [path, text] of Object.entries(given.files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text, { mode: path.startsWith('bin/') ? 0o700 : 0o600 })
    }
    const env = environment(folder, { ...given.variables, ...variables })
    return await run({ shell, args, cwd: folder, env }, { seconds, stop })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function environment(folder: string, variables: Readonly<Record<string, string>>): Record<string, string> {
  const tools = variables['SHAMBHALA_TOOLS']
  const usual = [...(tools === undefined ? [] : [tools]), ...usualFolders]
  return {
    PATH: [join(folder, 'bin'), dirname(process.execPath), ...usual].join(delimiter),
    HOME: folder,
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    ...variables,
  }
}

async function run(
  {
    shell,
    args,
    cwd,
    env,
  }: { shell: string; args: readonly string[]; cwd: string; env: Record<string, string> },
  { seconds, stop }: { seconds: number; stop: AbortSignal | undefined },
): Promise<Run> {
  // A script that hangs is ended with everything it started.
  const { child, ended, end } = startProgram(shell, args, { cwd, env })
  child.stdin.end()
  let output = ''
  let stdout = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout = (stdout + chunk.toString()).slice(-keptBytes)
    output = (output + chunk.toString()).slice(-keptBytes)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-keptBytes)
  })
  const kill = () => end()
  const timer = setTimeout(() => {
    output += `\nstill running after ${seconds} s\n`
    kill()
  }, seconds * 1000)
  stop?.addEventListener('abort', kill)
  const { code, error } = await ended.finally(() => {
    clearTimeout(timer)
    stop?.removeEventListener('abort', kill)
  })
  if (error) throw error
  const answers = [...stdout.matchAll(/^answer: (.*)$/gm)]
  return { code: code ?? 1, output, answer: answers.at(-1)?.[1] }
}
