import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { RepositoryReader } from '../../board/forge/types.ts'
import { TooLarge } from '../../lib/errors.ts'
import { readTree } from './tree.ts'

const maxRules = 256 * 1024

/**
 * Which of `paths` the .gitignore files of the commit exclude. Git itself judges, over an index that holds these files alone
 * and a work tree that is empty; it reads them from the index since they are marked as not checked out.
 */
export async function readIgnored(
  reader: RepositoryReader,
  commit: string,
  paths: readonly string[],
): Promise<Record<string, boolean>> {
  if (paths.length === 0) return {}
  const ignored = await withRules(reader, commit, '.gitignore', paths, async (scratch) => {
    const command = ['check-ignore', '-z', '--stdin']
    // Exit code 1: none of them.
    const out = await reader.git(command, { input: listed(paths), scratch, codes: [0, 1] })
    return new Set(out.toString('utf8').split('\0'))
  })
  return Object.fromEntries(paths.map((path) => [path, ignored?.has(path) === true]))
}

/** Attributes that the .gitattributes files of the commit give to `paths`. */
export async function readAttributes(
  reader: RepositoryReader,
  commit: string,
  paths: readonly string[],
): Promise<Record<string, Record<string, string>>> {
  if (paths.length === 0) return {}
  const tokens = await withRules(reader, commit, '.gitattributes', paths, async (scratch) => {
    const command = ['check-attr', '--cached', '--all', '-z', '--stdin']
    const out = await reader.git(command, { input: listed(paths), scratch })
    return out.toString('utf8').split('\0')
  })
  const found = new Map(paths.map((path) => [path, new Map<string, string>()]))
  for (let at = 0; tokens && at + 2 < tokens.length; at += 3)
    found.get(tokens[at] ?? '')?.set(tokens[at + 1] ?? '', tokens[at + 2] ?? '')
  return Object.fromEntries([...found].map(([path, values]) => [path, Object.fromEntries(values)]))
}

async function withRules<T>(
  reader: RepositoryReader,
  commit: string,
  name: string,
  paths: readonly string[],
  ask: (scratch: string) => Promise<T>,
): Promise<T | null> {
  const rules = (await readTree(reader, commit, candidates(name, paths))).filter(
    ({ rawPath, mode }) => basename(rawPath) === name && mode.startsWith('100'),
  )
  if (rules.length === 0) return null
  if (rules.reduce((sum, { size }) => sum + size, 0) > maxRules)
    throw new TooLarge(
      `The ${name} files have more than ${maxRules} bytes.`,
      `Les fichiers ${name} font plus de ${maxRules} octets.`,
    )
  const scratch = await mkdtemp(join(tmpdir(), 'shambhala-rules-'))
  try {
    const index = rules.map(({ mode, sha, rawPath }) => `${mode} ${sha}\t${rawPath}\0`).join('')
    const files = rules.map(({ rawPath }) => `${rawPath}\0`).join('')
    await reader.git(['update-index', '-z', '--index-info'], { input: Buffer.from(index, 'latin1'), scratch })
    await reader.git(['update-index', '--skip-worktree', '-z', '--stdin'], {
      input: Buffer.from(files, 'latin1'),
      scratch,
    })
    return await ask(scratch)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Rules for `a/b/c` may stand at the root, in `a` and in `a/b`. */
function candidates(name: string, paths: readonly string[]): string[] {
  const folders = new Set([''])
  for (const path of paths) {
    const parts = path.split('/').slice(0, -1)
    parts.forEach((_, index) => folders.add(`${parts.slice(0, index + 1).join('/')}/`))
  }
  return [...folders].map((folder) => `${folder}${name}`)
}

function listed(paths: readonly string[]): string {
  return paths.map((path) => `${path}\0`).join('')
}
