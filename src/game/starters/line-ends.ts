import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { StarterFile, StarterHistory } from '../../core/history.ts'
import { startProgram, usualFolders } from '../../lib/process.ts'

const attributes = '.gitattributes'
/** Git for Windows clones with core.autocrlf=true: a script would come with line ends that no shell understands. */
const byDefault: StarterFile = {
  path: attributes,
  mode: '100644',
  content: Buffer.from('* text=auto eol=lf\n'),
}
const runs =
  /(^|\/)((docker|container)file|makefile|justfile)(\.[^/]*)?$|\.(sh|bash|bats|dockerfile|mk|py|pl|rb)$/i
/** So many files are asked about: a starter from elsewhere may have any number. */
const mostFiles = 1000
const askMs = 10_000

/** A history in which no commit says anything of line ends gets them right in every commit. */
export function withLineEnds(history: StarterHistory): StarterHistory {
  const says = history.commits.some(({ files }) => files.some(({ path }) => path === attributes))
  if (says) return history
  const commits = history.commits.map((commit) => ({ ...commit, files: [byDefault, ...commit.files] }))
  return { ...history, commits }
}

/** Scripts and the like that a clone may get with the line ends of Windows, with which they do not run; by path, sorted. */
export async function endingsAtRisk(history: StarterHistory): Promise<string[]> {
  const tips = new Set(Object.values(history.branches))
  const until = performance.now() + askMs
  const risky = new Set<string>()
  for (const { id, files } of history.commits) {
    if (performance.now() > until) break
    if (!tips.has(id)) continue
    const scripts = files.filter(isScript).slice(0, mostFiles)
    for (const { path, content } of scripts) if (content.includes('\r\n')) risky.add(path)
    for (const path of await unprotected(files, scripts)) risky.add(path)
  }
  return [...risky].sort()
}

function isScript({ path, mode, content }: StarterFile): boolean {
  if (mode === '120000' || content.includes(0)) return false
  return runs.test(path) || content.subarray(0, 2).toString() === '#!'
}

/** Asks Git itself, in a folder that holds nothing but what is said of line ends. */
async function unprotected(
  files: readonly StarterFile[],
  scripts: readonly StarterFile[],
): Promise<string[]> {
  const said = files.filter(({ path }) => path === attributes || path.endsWith(`/${attributes}`))
  if (scripts.length === 0 || (said.length === 1 && said[0] === byDefault)) return []
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-attributes-'))
  try {
    await git(folder, ['init', '--quiet'])
    for (const { path, content } of said.slice(0, mostFiles)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), content)
    }
    const input = scripts.map(({ path }) => `${path}\0`).join('')
    const [...words] = (await git(folder, ['check-attr', '-z', '--stdin', 'text', 'eol'], input)).split('\0')
    return pathsWithout(words)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** From path, attribute and value in turns. */
function pathsWithout(words: readonly string[]): string[] {
  const values = new Map<string, Record<string, string>>()
  for (let at = 0; at + 2 < words.length; at += 3) {
    const [path = '', name = '', value = ''] = words.slice(at, at + 3)
    values.set(path, { ...values.get(path), [name]: value })
  }
  const isSafe = ({ text, eol }: Record<string, string>) => eol === 'lf' || text === 'unset'
  return [...values].filter(([, one]) => !isSafe(one)).map(([path]) => path)
}

async function git(cwd: string, args: readonly string[], input = ''): Promise<string> {
  const env = {
    PATH: usualFolders.join(delimiter),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
  }
  const { child, ended, end } = startProgram('git', args, { cwd, env })
  const timer = setTimeout(end, askMs)
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.resume()
  child.stdin.end(input)
  const { code, error } = await ended.finally(() => clearTimeout(timer))
  if (error) throw error
  if (code !== 0) throw new Error(`git ${args.join(' ')} ended with ${code}`)
  return output
}
