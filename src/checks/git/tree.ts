import type { RepositoryReader } from '../../board/forge/types.ts'
import { TooLarge } from '../../lib/errors.ts'
import type { GitFacts } from './spec.ts'
import { gone, isFolder, openTrees, type TreeItem, type Trees } from './trees.ts'

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
const maxDepth = 500
const maxLink = 4096

/** What is asked for below a folder: all of it, or some names and what is asked for below those. */
type Wanted = 'all' | Map<string, Wanted>

interface Walk {
  trees: Trees
  commit: string
  files: number
  folders: number
  /** With their whole paths as names. */
  found: TreeItem[]
}

/**
 * The files of a commit, all or those under `paths`, sorted as git sorts. More than 5 000 files or folders, counted before they
 * are walked, or folders 500 deep throw `TooLarge`. A path that leads nowhere, outside too, finds nothing.
 */
export async function readTree(
  reader: RepositoryReader,
  commit: string,
  paths: readonly string[] | undefined,
): Promise<Entry[]> {
  const trees = openTrees(reader)
  const root = await trees.rootOf(commit)
  if (root === null) return []
  const walk: Walk = { trees, commit, files: 0, folders: 0, found: [] }
  await findFiles(walk, root, { prefix: '', depth: 0 }, wantedOf(paths))
  const { found } = walk
  const sized = found.filter(({ mode }) => mode !== '160000')
  const infos = await reader.info(sized.map(({ sha }) => sha))
  const sizes = new Map(infos.map((info) => [info?.oid, info?.size ?? 0]))
  if (sizes.has(undefined)) throw gone()
  return found.map(({ mode, sha, name }) => ({
    mode,
    sha,
    size: mode === '160000' ? 0 : (sizes.get(sha) ?? 0),
    rawPath: name,
    path: Buffer.from(name, 'latin1').toString('utf8'),
  }))
}

async function findFiles(
  walk: Walk,
  tree: string,
  { prefix, depth }: { prefix: string; depth: number },
  wanted: Wanted,
): Promise<void> {
  const items = (await walk.trees.items(tree)).flatMap((item) => {
    const below = wanted === 'all' ? wanted : wanted.get(item.name)
    if (below === undefined || (below !== 'all' && !isFolder(item))) return []
    return [{ item, below }]
  })
  const folders = items.filter(({ item }) => isFolder(item)).length
  walk.folders += folders
  walk.files += items.length - folders
  mustStayBounded(walk, depth)
  // One after the other: together, a tree that unfolds without end would fill the memory before it is found out.
  for (const { item, below } of items) {
    const name = `${prefix}${item.name}`
    if (isFolder(item)) await findFiles(walk, item.sha, { prefix: `${name}/`, depth: depth + 1 }, below)
    else walk.found.push({ ...item, name })
  }
}

function mustStayBounded({ commit, files, folders }: Walk, depth: number): void {
  const short = commit.slice(0, 7)
  if (files > maxEntries)
    throw new TooLarge(
      `The repository has more than ${maxEntries} files at commit ${short}; remove what does not belong in it.`,
      `Le dépôt a plus de ${maxEntries} fichiers au commit ${short} ; enlève ce qui n’y a pas sa place.`,
    )
  if (folders > maxEntries)
    throw new TooLarge(
      `Commit ${short} unfolds to more than ${maxEntries} folders; remove those that do not belong in it.`,
      `Le commit ${short} se déplie en plus de ${maxEntries} dossiers ; enlève ceux qui n’y ont pas leur place.`,
    )
  if (depth > maxDepth)
    throw new TooLarge(
      `The folders at commit ${short} lie in each other more than ${maxDepth} deep; make them flatter.`,
      `Les dossiers au commit ${short} s’imbriquent sur plus de ${maxDepth} niveaux ; aplatis-les.`,
    )
}

function wantedOf(paths: readonly string[] | undefined): Wanted {
  if (paths === undefined) return 'all'
  const root = new Map<string, Wanted>()
  for (const path of paths) {
    // From the root of a disk is nowhere in the repository.
    if (path.startsWith('/')) continue
    const parts = path.split('/').filter((part) => part !== '' && part !== '.')
    const last = parts.pop()
    if (last === undefined) return 'all'
    let at: Map<string, Wanted> | undefined = root
    for (const part of parts) at = at && stepInto(at, rawName(part))
    at?.set(rawName(last), 'all')
  }
  return root
}

/** undefined where all below is asked for already. */
function stepInto(at: Map<string, Wanted>, name: string): Map<string, Wanted> | undefined {
  const known = at.get(name)
  if (known === 'all') return undefined
  const next = known ?? new Map<string, Wanted>()
  at.set(name, next)
  return next
}

function rawName(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1')
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
