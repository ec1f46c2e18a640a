import type { RepositoryReader } from '../../board/forge/types.ts'
import { changesBetween, type Change } from '../../checks/git/changes.ts'
import { openTrees } from '../../checks/git/trees.ts'
import { isObjectId } from '../../core/object-id.ts'
import { textOrNull } from '../../lib/decode-text.ts'
import { timeoutSignal } from '../../lib/deadline.ts'
import { keptCommit } from '../../db/tidyings.ts'
import { Inconclusive, Refusal, TooLarge } from '../../lib/errors.ts'
import type { Game } from '../game.ts'

/** Which commit of whose repository is looked at; `signal` says that nobody waits any more. */
export interface ViewOf {
  playerId: string
  slug: string
  repository: string
  sha: string
  signal: AbortSignal
}

export interface CommitView {
  sha: string
  parents: string[]
  author: { name: string; email: string; date: string }
  message: string
  /** Against the first parent, at most `filesShown`; null where they are too many to be found out. */
  files: Change[] | null
  more: boolean
  /** Its files are there no more. */
  gone: boolean
}

export interface FileView {
  path: string
  size: number
  /** null where it is binary or too large to show. */
  text: string | null
}

const longestMs = 15_000
const filesShown = 300
/** Lines of trees; git itself would go through all of them, however many. */
const mostCompared = 50_000
const textShown = 256 * 1024
/** So much is kept of a commit that is let go: nothing bounds how many there are. */
const kept = { message: 4000, files: 100, path: 500, name: 200, parents: 20 }
const longestKeptMs = 60_000

/** One commit of one's own repository, or what was kept of it. */
export async function viewCommit(
  game: Pick<Game, 'sql' | 'hunt' | 'board'>,
  of: ViewOf,
): Promise<CommitView> {
  try {
    return await readCommit(game, of)
  } catch (error) {
    const known = await keptView(game, of)
    if (known !== undefined) return known
    throw error
  }
}

/** What is kept of a commit for the evidence of old verdicts. */
export async function viewToKeep(
  game: Pick<Game, 'hunt' | 'board'>,
  of: Omit<ViewOf, 'signal'>,
): Promise<CommitView> {
  const { sha } = of
  const view = await readCommit(game, { ...of, signal: timeoutSignal(longestKeptMs) }).catch(
    (error: unknown) => {
      if (!(error instanceof Refusal)) throw error
      return {
        sha,
        parents: [],
        author: { name: '', email: '', date: '' },
        message: '',
        files: null,
        more: false,
      }
    },
  )
  const { author, files } = view
  return {
    ...view,
    gone: true,
    parents: view.parents.slice(0, kept.parents),
    author: { ...author, name: author.name.slice(0, kept.name), email: author.email.slice(0, kept.name) },
    message: view.message.slice(0, kept.message),
    files:
      files
        ?.slice(0, kept.files)
        .map(({ path, ...change }) => ({ ...change, path: path.slice(0, kept.path) })) ?? null,
    more: view.more || (files !== null && files.length > kept.files),
  }
}

async function keptView(
  { sql }: Pick<Game, 'sql'>,
  { playerId, repository: name, sha }: ViewOf,
): Promise<CommitView | undefined> {
  return (await keptCommit(sql, { playerId, name }, sha)) as CommitView | undefined
}

async function readCommit(game: Pick<Game, 'hunt' | 'board'>, of: ViewOf): Promise<CommitView> {
  const { sha } = of
  return await reading(game, of, async (reader) => {
    await mustBeCommit(reader, sha)
    const raw = await reader.git(['log', '-1', '--format=%H%x00%P%x00%an%x00%ae%x00%aI%x00%B', sha], {
      maxBytes: textShown,
    })
    const [full = sha, parents = '', name = '', email = '', date = '', message = ''] = raw
      .toString('utf8')
      .split('\0')
    const parentIds = parents.split(' ').filter((parent) => parent !== '')
    const changes = await changedFiles(reader, sha, parentIds[0])
    return {
      sha: full,
      parents: parentIds,
      author: { name, email, date },
      message: message.trimEnd(),
      files: changes?.slice(0, filesShown) ?? null,
      more: changes !== null && changes.length > filesShown,
      gone: false,
    }
  })
}

/** One file as a commit left it. */
export async function viewFile(
  game: Pick<Game, 'sql' | 'hunt' | 'board'>,
  of: ViewOf,
  path: string,
): Promise<FileView> {
  const { sha } = of
  return await reading(game, of, async (reader) => {
    await mustBeCommit(reader, sha).catch(async (error: unknown) => {
      if ((await keptView(game, of)) === undefined) throw error
      throw new Refusal(
        410,
        'file-gone',
        'The files of this commit were let go, to make room in your repository.',
      )
    })
    const [file] = await reader.info([`${sha}:${path}`])
    if (file?.type !== 'blob') throw nothing()
    if (file.size > textShown) return { path, size: file.size, text: null }
    const content = await reader.contents(file.oid, textShown)
    return {
      path,
      size: file.size,
      text: content && textOrNull(content),
    }
  })
}

async function reading<T>(
  game: Pick<Game, 'hunt' | 'board'>,
  { slug, repository: name, signal }: ViewOf,
  work: (reader: RepositoryReader) => Promise<T>,
): Promise<T> {
  if (!game.board.forge) throw new Inconclusive('this board has no forge')
  if (!game.hunt.challenges.some((challenge) => challenge.repository === name)) throw nothing()
  if (!(await game.board.forge.has({ slug, name }))) throw nothing()
  const reader = game.board.forge.reader({ slug, name })
  const close = () => reader.close()
  const stop = AbortSignal.any([signal, timeoutSignal(longestMs)])
  stop.addEventListener('abort', close)
  if (stop.aborted) close()
  try {
    return await work(reader)
  } catch (error) {
    if (error instanceof TooLarge)
      throw new Refusal(422, 'too-large', 'This is too large to show here. Use git on your own clone.')
    throw error
  } finally {
    stop.removeEventListener('abort', close)
    close()
  }
}

async function mustBeCommit(reader: RepositoryReader, sha: string): Promise<void> {
  if (!isObjectId(sha)) throw nothing()
  const [object] = await reader.info([sha])
  if (object?.type !== 'commit') throw nothing()
}

/** null where they are too many to be told. */
async function changedFiles(
  reader: RepositoryReader,
  sha: string,
  parent: string | undefined,
): Promise<Change[] | null> {
  const trees = openTrees(reader)
  try {
    const [before, after] = await Promise.all([
      parent === undefined ? null : trees.rootOf(parent),
      trees.rootOf(sha),
    ])
    return await changesBetween(trees, before, after, { left: mostCompared })
  } catch (error) {
    if (error instanceof TooLarge) return null
    throw error
  }
}

function nothing(): Refusal {
  return new Refusal(404, 'no-object', 'There is no such commit or file in your repository.')
}
