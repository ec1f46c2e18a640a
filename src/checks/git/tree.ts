import type { RepositoryReader } from '../../board/forge/types.ts'
import { TooLarge } from '../../lib/errors.ts'
import type { GitFacts } from './spec.ts'

export interface Entry {
  mode: string
  sha: string
  size: number
  /** As git keeps it: one character for each byte, for commands that ask about it. */
  rawPath: string
  /** For people and expressions: what is no UTF-8 reads U+FFFD. */
  path: string
}

const maxEntries = 5000
const maxBytes = 8 * 1024 * 1024
const maxLink = 4096

/** The files of a commit, all or those under `paths`, sorted as git sorts. More than 5 000 throw `TooLarge`. */
export async function readTree(
  reader: RepositoryReader,
  commit: string,
  paths: readonly string[] | undefined,
): Promise<Entry[]> {
  const args = ['ls-tree', '-r', '-z', '-l', '--full-tree', commit, '--', ...(paths ?? [])]
  const out = await reader.git(args, { maxBytes }).catch(tooMany)
  const tokens = out.toString('latin1').split('\0').slice(0, -1)
  if (tokens.length > maxEntries) return tooMany(new TooLarge())
  return tokens.map(entryFrom)
}

function tooMany(error: unknown): never {
  if (!(error instanceof TooLarge)) throw error
  throw new TooLarge(
    `The repository has more than ${maxEntries} files; remove what does not belong in it.`,
    `Le dépôt a plus de ${maxEntries} fichiers ; enlève ce qui n’y a pas sa place.`,
  )
}

function entryFrom(token: string): Entry {
  const tab = token.indexOf('\t')
  const [mode = '', , sha = '', size = ''] = token.slice(0, tab).split(/ +/)
  const rawPath = token.slice(tab + 1)
  return {
    mode,
    sha,
    size: Number(size) || 0,
    rawPath,
    path: Buffer.from(rawPath, 'latin1').toString('utf8'),
  }
}

/** Modes, sizes and link targets by path. A target longer than a path can be reads empty. */
export async function filesFrom(
  reader: RepositoryReader,
  entries: readonly Entry[],
): Promise<GitFacts['files']> {
  const files = entries.map(
    async ({ path, mode, size, sha }): Promise<[string, GitFacts['files'][string]]> => {
      const symlink = mode === '120000' ? await target(reader, sha, size) : null
      return [path, { mode, size, sha, symlink }]
    },
  )
  return Object.fromEntries(await Promise.all(files))
}

async function target(reader: RepositoryReader, sha: string, size: number): Promise<string> {
  return size > maxLink ? '' : ((await reader.contents(sha, maxLink))?.toString('utf8') ?? '')
}
