import { join } from 'node:path'
import { historyFile, type HistoryFile, type StarterFile, type StarterHistory } from '../../core/history.ts'
import { starterBounds } from '../../core/hunt-bounds.ts'
import { namesIn } from '../../lib/plain-files.ts'
import { withLineEnds } from './line-ends.ts'
import {
  faultIn,
  plainly,
  readDescription,
  readFolder,
  readTree,
  starterBudget,
  StarterFault,
  type StarterValues,
} from './files.ts'
import { parseYamlFile, type FileFault } from '../../lib/yaml-file.ts'

const author = { name: 'The Hunt', email: 'hunt@shambhala.invalid' }
const date = '2021-03-01T09:00:00+01:00'

/**
 * A challenge's starter with one player's values: plain files become one commit on main, `history.yaml` (or
 * `history.yaml.hbs`) describes a whole history. Only `*.hbs` files are rendered. null: the challenge has no starter.
 * Where it says nothing of line ends itself, every commit does, see `withLineEnds`. The same values give the same history, byte for
 * byte. Rejects with a `StarterFault` where its files cannot be used.
 */
export async function buildStarter(folder: string, values: StarterValues): Promise<StarterHistory | null> {
  const described = await readStarter(folder, values)
  return described && withLineEnds(described)
}

async function readStarter(folder: string, values: StarterValues): Promise<StarterHistory | null> {
  const starter = join(folder, 'starter')
  const names = await plainly(starter, () => namesIn(folder, starter, starterBounds.files))
  if (names === null) return null
  const described = names.find((name) => name === 'history.yaml' || name === 'history.yaml.hbs')
  if (described !== undefined) return await describedHistory(starter, described, values)
  const files = await readTree(starter, values, starterBudget())
  const commit = { id: 'start', parents: [], author, committer: author, date, message: 'Start here\n', files }
  return { commits: [commit], branches: { main: 'start' }, head: 'main', tags: [], notes: [] }
}

async function describedHistory(
  starter: string,
  name: string,
  values: StarterValues,
): Promise<StarterHistory> {
  const file = join(starter, name)
  const faults: FileFault[] = []
  const read = parseYamlFile(file, await readDescription(starter, file, values), historyFile, faults)
  if (!read) throw new StarterFault(faults)
  const described = read.value
  const left = starterBudget()
  const folders = new Map<string, StarterFile[]>()
  const folderOf = async (path: string): Promise<StarterFile[]> => {
    const seen = folders.get(path) ?? (await readFolder(starter, path, values, left))
    folders.set(path, seen)
    return seen
  }

  let laid = 0
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
    laid += tree.size
    if (laid > starterBounds.laid)
      throw faultIn(file, `the commits lay more than ${starterBounds.laid} files together`)
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
