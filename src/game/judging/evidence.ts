import type { RepositoryReader } from '../../board/forge/types.ts'
import { isObjectId } from '../../core/object-id.ts'
import { textOrNull } from '../../lib/decode-text.ts'
import { Inconclusive, Refusal, TooLarge } from '../../lib/errors.ts'
import type { Game } from '../game.ts'

export interface CommitView {
  sha: string
  parents: string[]
  author: { name: string; email: string; date: string }
  message: string
  /** Against the first parent, at most `filesShown`. */
  files: { status: string; path: string }[]
  more: boolean
}

export interface FileView {
  path: string
  size: number
  /** null where it is binary or too large to show. */
  text: string | null
}

const filesShown = 300
const textShown = 256 * 1024

/** One commit of one's own repository. */
export async function viewCommit(
  game: Pick<Game, 'hunt' | 'board'>,
  slug: string,
  repository: string,
  sha: string,
): Promise<CommitView> {
  return await reading(game, slug, repository, async (reader) => {
    await mustBeCommit(reader, sha)
    const raw = await reader.git(['log', '-1', '--format=%H%x00%P%x00%an%x00%ae%x00%aI%x00%B', sha], {
      maxBytes: textShown,
    })
    const [full = sha, parents = '', name = '', email = '', date = '', message = ''] = raw
      .toString('utf8')
      .split('\0')
    const changes = await changedFiles(reader, sha)
    return {
      sha: full,
      parents: parents.split(' ').filter((parent) => parent !== ''),
      author: { name, email, date },
      message: message.trimEnd(),
      files: changes.slice(0, filesShown),
      more: changes.length > filesShown,
    }
  })
}

/** One file as a commit left it. */
export async function viewFile(
  game: Pick<Game, 'hunt' | 'board'>,
  slug: string,
  repository: string,
  sha: string,
  path: string,
): Promise<FileView> {
  return await reading(game, slug, repository, async (reader) => {
    await mustBeCommit(reader, sha)
    // Git takes `./` and `../` as relative to a work tree, which there is not.
    if (path.length > 4096 || /[\n\0]|^\.{1,2}(\/|$)/.test(path)) throw nothing()
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
  slug: string,
  name: string,
  work: (reader: RepositoryReader) => Promise<T>,
): Promise<T> {
  if (!game.board.forge) throw new Inconclusive('this board has no forge')
  if (!game.hunt.challenges.some((challenge) => challenge.repository === name)) throw nothing()
  const reader = game.board.forge.reader({ slug, name })
  try {
    return await work(reader)
  } catch (error) {
    if (error instanceof TooLarge)
      throw new Refusal(422, 'too-large', 'This is too large to show here. Use git on your own clone.')
    throw error
  } finally {
    reader.close()
  }
}

async function mustBeCommit(reader: RepositoryReader, sha: string): Promise<void> {
  if (!isObjectId(sha)) throw nothing()
  const [object] = await reader.info([sha]).catch(() => [null])
  if (object?.type !== 'commit') throw nothing()
}

async function changedFiles(reader: RepositoryReader, sha: string): Promise<CommitView['files']> {
  const raw = await reader.git(
    ['diff-tree', '--root', '--no-commit-id', '--name-status', '-r', '-z', '-m', '--first-parent', sha],
    {
      maxBytes: textShown,
    },
  )
  const parts = raw.toString('utf8').split('\0')
  const files: CommitView['files'] = []
  for (let index = 0; index + 1 < parts.length; index += 2) {
    files.push({ status: parts[index] ?? '', path: parts[index + 1] ?? '' })
  }
  return files
}

function nothing(): Refusal {
  return new Refusal(404, 'no-object', 'There is no such commit or file in your repository.')
}
