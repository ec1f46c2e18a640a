import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { dirname, join, normalize, relative, resolve } from 'node:path'
import { parse } from 'yaml'
import { historyFile, type HistoryFile, type StarterFile, type StarterHistory } from '../core/history.ts'
import { starterEngine } from './starter-templates.ts'

export interface StarterValues {
  params: Readonly<Record<string, string | number>>
  player: { slug: string; name: string }
}

const author = { name: 'The Hunt', email: 'hunt@shambhala.invalid' }
const date = '2021-03-01T09:00:00+01:00'

/**
 * A challenge's starter with one player's values: plain files become one commit on main, `history.yaml` (or
 * `history.yaml.hbs`) describes a whole history. Only `*.hbs` files are rendered. null: the challenge has no starter.
 * The same values give the same history, byte for byte.
 */
export async function buildStarter(folder: string, values: StarterValues): Promise<StarterHistory | null> {
  const starter = join(folder, 'starter')
  const names = await readdir(starter).catch(() => null)
  if (names === null) return null
  const described = names.find((name) => name === 'history.yaml' || name === 'history.yaml.hbs')
  if (described !== undefined) return await describedHistory(starter, described, values)
  const files = await readTree(starter, values)
  const commit = { id: 'start', parents: [], author, committer: author, date, message: 'Start here\n', files }
  return { commits: [commit], branches: { main: 'start' }, head: 'main', tags: [], notes: [] }
}

async function describedHistory(
  starter: string,
  name: string,
  values: StarterValues,
): Promise<StarterHistory> {
  const text = await readFile(join(starter, name), 'utf8')
  const described = historyFile.parse(
    parse(name.endsWith('.hbs') ? starterEngine.render(text, values) : text),
  )
  const folders = new Map<string, StarterFile[]>()
  const folderOf = async (path: string): Promise<StarterFile[]> => {
    const known = folders.get(path) ?? (await readTree(inside(starter, path), values))
    folders.set(path, known)
    return known
  }

  const trees = new Map<string, Map<string, StarterFile>>()
  const commits: StarterHistory['commits'][number][] = []
  for (const commit of described.commits) {
    const [parent] = commit.parents
    const tree = new Map(commit.files === undefined && parent !== undefined ? known(trees, parent) : [])
    for (const path of [commit.files, commit.add]) {
      if (path !== undefined) for (const file of await folderOf(path)) tree.set(file.path, file)
    }
    for (const [path, content] of Object.entries(commit.write)) {
      tree.set(path, { path, mode: tree.get(path)?.mode ?? '100644', content: Buffer.from(content) })
    }
    for (const path of commit.remove) tree.delete(path)
    trees.set(commit.id, tree)
    for (const parentId of commit.parents) known(trees, parentId)
    const by = commit.author ?? described.author
    commits.push({
      id: commit.id,
      parents: commit.parents,
      author: by,
      committer: commit.committer ?? by,
      date: commit.date,
      message: withNewline(commit.message),
      files: [...tree.values()],
    })
  }
  return { commits, branches: described.branches, head: described.head, ...annotations(described) }
}

function annotations(described: HistoryFile): Pick<StarterHistory, 'tags' | 'notes'> {
  const dates = new Map(described.commits.map((commit) => [commit.id, commit.date]))
  const dateOf = (id: string) => dates.get(id) ?? date
  return {
    tags: described.tags.map((tag) => ({
      name: tag.name,
      at: tag.at,
      ...(tag.message !== undefined && { message: withNewline(tag.message) }),
      tagger: tag.tagger ?? described.author,
      date: tag.date ?? dateOf(tag.at),
    })),
    notes: described.notes.map((note) => ({
      at: note.at,
      message: withNewline(note.message),
      ref: note.ref,
      author: described.author,
      date: dateOf(note.at),
    })),
  }
}

function known<T>(map: ReadonlyMap<string, T>, id: string): T {
  const value = map.get(id)
  if (value === undefined) throw new Error(`commit ${JSON.stringify(id)} is named before it is described`)
  return value
}

function withNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}

function inside(root: string, path: string): string {
  const full = normalize(join(root, path))
  if (!full.startsWith(`${root}/`)) throw new Error(`${path} leaves the starter's folder`)
  return full
}

/** A link is kept as a link, and may point only to what is in the starter too. */
async function linkInside(root: string, link: string): Promise<Buffer> {
  const target = await readlink(link)
  inside(root, relative(root, resolve(dirname(link), target)))
  return Buffer.from(target)
}

async function readTree(root: string, values: StarterValues, below = ''): Promise<StarterFile[]> {
  const names = (await readdir(join(root, below))).sort()
  const files: StarterFile[] = []
  for (const name of names) {
    const path = below === '' ? name : `${below}/${name}`
    const full = join(root, path)
    const stat = await lstat(full)
    if (stat.isDirectory()) files.push(...(await readTree(root, values, path)))
    else if (stat.isSymbolicLink())
      files.push({ path, mode: '120000', content: await linkInside(root, full) })
    else files.push(await readOne(full, path, (stat.mode & 0o100) === 0 ? '100644' : '100755', values))
  }
  return files
}

async function readOne(
  full: string,
  path: string,
  mode: StarterFile['mode'],
  values: StarterValues,
): Promise<StarterFile> {
  const content = await readFile(full)
  if (!path.endsWith('.hbs')) return { path, mode, content }
  return {
    path: path.slice(0, -4),
    mode,
    content: Buffer.from(starterEngine.render(content.toString('utf8'), values)),
  }
}
