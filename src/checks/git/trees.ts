import type { RepositoryReader } from '../../board/forge/types.ts'
import { Inconclusive, TooLarge } from '../../lib/errors.ts'

/** One line of a tree object. */
export interface TreeItem {
  /** Six octal digits. */
  mode: string
  /** As git keeps it: one character for each byte. */
  name: string
  sha: string
}

/**
 * Trees of one repository, one object at a time. Whoever walks them counts what they walk over: a few small trees can unfold to
 * more files than there are atoms, and git itself would unfold them.
 */
export interface Trees {
  /** The tree that a commit (or a tree's own id) names; null where it names none. */
  rootOf(oid: string): Promise<string | null>
  items(tree: string): Promise<readonly TreeItem[]>
}

const maxTreeBytes = 8 * 1024 * 1024
/** What is kept at once of trees that were read. */
const keptItems = 50_000

export function openTrees(reader: RepositoryReader): Trees {
  const known = new Map<string, Promise<readonly TreeItem[]>>()
  let kept = 0
  const read = async (tree: string): Promise<readonly TreeItem[]> => {
    const body = await reader.contents(tree, maxTreeBytes).catch(tooWide)
    if (body === null) throw gone()
    const items = parseTree(body, tree.length / 2)
    kept += items.length
    return items
  }
  return {
    async rootOf(oid) {
      const [root, there] = await reader.info([`${oid}^{tree}`, oid])
      if (!there) throw gone()
      return root?.oid ?? null
    },
    items(tree) {
      if (kept > keptItems) {
        known.clear()
        kept = 0
      }
      const items = known.get(tree) ?? read(tree)
      known.set(tree, items)
      return items
    },
  }
}

export function isFolder({ mode }: TreeItem): boolean {
  return mode === '040000'
}

/** `<mode> <name>\0<id>`, again and again. */
function parseTree(body: Buffer, idBytes: number): TreeItem[] {
  const items: TreeItem[] = []
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(32, at)
    const end = body.indexOf(0, space)
    if (space < 0 || end < 0) break
    items.push({
      mode: body.toString('latin1', at, space).padStart(6, '0'),
      name: body.toString('latin1', space + 1, end),
      sha: body.toString('hex', end + 1, end + 1 + idBytes),
    })
    at = end + 1 + idBytes
  }
  return items
}

function tooWide(error: unknown): never {
  if (!(error instanceof TooLarge)) throw error
  throw new TooLarge(
    'A single folder of the repository has too many files to be looked at; remove what does not belong in it.',
    'Un seul dossier du dépôt a trop de fichiers pour être regardé ; enlève ce qui n’y a pas sa place.',
  )
}

export function gone(): Inconclusive {
  return new Inconclusive('What the repository held when it was received is no longer there.')
}
