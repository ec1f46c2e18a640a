import { lstat, readdir, readFile, readlink, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path'
import { historyFile, type HistoryFile, type StarterFile, type StarterHistory } from '../core/history.ts'
import { starterEngine } from './starter-templates.ts'
import { parseYamlFile, type FileFault } from './yaml-file.ts'

export interface StarterValues {
  params: Readonly<Record<string, string | number>>
  player: { slug: string; name: string }
  hunt: { images: string }
  registry: { host: string; path: string }
}

/** What is wrong with a starter's files, each with its place. */
export class StarterFault extends Error {
  override name = 'StarterFault'
  constructor(readonly faults: readonly FileFault[]) {
    super(faults.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('\n'))
  }
}

const author = { name: 'The Hunt', email: 'hunt@shambhala.invalid' }
const date = '2021-03-01T09:00:00+01:00'

/**
 * A challenge's starter with one player's values: plain files become one commit on main, `history.yaml` (or
 * `history.yaml.hbs`) describes a whole history. Only `*.hbs` files are rendered. null: the challenge has no starter.
 * The same values give the same history, byte for byte. Rejects with a `StarterFault` where its files cannot be used.
 */
export async function buildStarter(folder: string, values: StarterValues): Promise<StarterHistory | null> {
  const starter = join(folder, 'starter')
  const names = await readdir(starter).catch(() => null)
  if (names === null) return null
  await mustBeInside(folder, starter)
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
  const file = join(starter, name)
  await mustBeInside(starter, file)
  const text = await readFile(file, 'utf8')
  const faults: FileFault[] = []
  const read = parseYamlFile(
    file,
    name.endsWith('.hbs') ? rendered(file, text, values) : text,
    historyFile,
    faults,
  )
  if (!read) throw new StarterFault(faults)
  const described = read.value
  const folders = new Map<string, StarterFile[]>()
  const folderOf = async (path: string): Promise<StarterFile[]> => {
    const seen = folders.get(path) ?? (await readFolder(starter, path, values))
    folders.set(path, seen)
    return seen
  }

  const trees = new Map<string, Map<string, StarterFile>>()
  const commits: StarterHistory['commits'][number][] = []
  for (const commit of described.commits) {
    const [parent] = commit.parents
    const tree = new Map(commit.files === undefined && parent !== undefined ? trees.get(parent) : [])
    for (const path of [commit.files, commit.add]) {
      if (path !== undefined) for (const file of await folderOf(path)) tree.set(file.path, file)
    }
    for (const [path, content] of Object.entries(commit.write)) {
      tree.set(path, { path, mode: tree.get(path)?.mode ?? '100644', content: Buffer.from(content) })
    }
    for (const path of commit.remove) {
      if (!tree.delete(path)) throw faultIn(file, `commit ${commit.id} removes ${path}, which is not there`)
    }
    trees.set(commit.id, tree)
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

function withNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}

async function readFolder(starter: string, path: string, values: StarterValues): Promise<StarterFile[]> {
  const full = normalize(join(starter, path))
  const found = await lstat(full).catch(() => null)
  if (!found?.isDirectory() || !full.startsWith(starter + sep))
    throw faultIn(full, `there is no folder ${path} in the starter`)
  await mustBeInside(starter, full)
  return await readTree(full, values)
}

/** Links may lead a path elsewhere on the machine, whose files are no player's. */
async function mustBeInside(root: string, path: string): Promise<void> {
  const [from, to] = await Promise.all([realpath(root), realpath(path)])
  if (!to.startsWith(from + sep)) throw faultIn(path, `this leaves ${root}`)
}

function faultIn(file: string, message: string): StarterFault {
  return new StarterFault([{ file, line: 1, column: 1, message }])
}

/** A link is kept as a link, and may point only to what is in the starter too. */
async function linkInside(root: string, link: string): Promise<Buffer> {
  const target = await readlink(link)
  const way = relative(root, resolve(dirname(link), target))
  if (isAbsolute(target) || way === '..' || way.startsWith(`..${sep}`))
    throw faultIn(link, `this link leaves the starter's folder: ${target}`)
  return Buffer.from(target)
}

async function readTree(root: string, values: StarterValues, below = ''): Promise<StarterFile[]> {
  const names = (await readdir(join(root, below))).sort()
  const files: StarterFile[] = []
  for (const name of names) {
    const path = below === '' ? name : `${below}/${name}`
    const full = join(root, path)
    const stat = await lstat(full)
    if (name.toLowerCase() === '.git') throw faultIn(full, 'Git takes no file with this name')
    if (stat.isDirectory()) files.push(...(await readTree(root, values, path)))
    else if (stat.isSymbolicLink())
      files.push({ path, mode: '120000', content: await linkInside(root, full) })
    else if (stat.isFile())
      files.push(await readOne(full, path, (stat.mode & 0o100) === 0 ? '100644' : '100755', values))
    else throw faultIn(full, 'this is neither a file nor a link')
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
    content: Buffer.from(rendered(full, content.toString('utf8'), values)),
  }
}

function rendered(file: string, template: string, values: StarterValues): string {
  try {
    return starterEngine.render(template, values)
  } catch (error) {
    const lines = (error as Error).message.split('\n')
    const [, line = '1'] = / - (\d+):\d+$|on line (\d+)/.exec(lines[0] ?? '')?.filter(Boolean) ?? []
    const message = `this template cannot be rendered: ${lines.join(' ')}`
    throw new StarterFault([{ file, line: Number(line), column: 1, message }])
  }
}
