import { setImmediate } from 'node:timers/promises'
import { TooLarge } from '../../lib/errors.ts'
import { isFolder, type TreeItem, type Trees } from './trees.ts'

/** One file that differs between two trees; `T`: it is of another type now. */
export interface Change {
  status: 'A' | 'D' | 'M' | 'T'
  /** What is no UTF-8 reads U+FFFD. */
  path: string
}

/** How many lines of trees may still be compared; `TooLarge` beyond. */
export interface Budget {
  left: number
}

/** Others get their turn after so many lines, which may all be known already. */
const linesAtOnce = 5000
const maxDepth = 500

/** Files that differ, sorted as git sorts; null stands for the tree without files. Folders that are equal are not gone into. */
export async function changesBetween(
  trees: Trees,
  before: string | null,
  after: string | null,
  budget: Budget,
): Promise<Change[]> {
  const found: Change[] = []
  await compare({ trees, budget, found }, { before, after, prefix: '', depth: 0 })
  return found.map(({ status, path }) => ({ status, path: Buffer.from(path, 'latin1').toString('utf8') }))
}

interface Comparison {
  trees: Trees
  budget: Budget
  found: Change[]
}

interface Pair {
  before: string | null
  after: string | null
  prefix: string
  depth: number
}

async function compare(comparison: Comparison, { before, after, prefix, depth }: Pair): Promise<void> {
  if (before === after) return
  const { trees, budget, found } = comparison
  const itemsOf = async (tree: string | null) => (tree === null ? [] : await trees.items(tree))
  const [olds, news] = await Promise.all([itemsOf(before), itemsOf(after)])
  // A folder counts as much as a file, or folders without files would cost nothing.
  const left = budget.left - olds.length - news.length - 1
  if (left < 0 || depth > maxDepth) throw tooMuch()
  if (Math.floor(left / linesAtOnce) < Math.floor(budget.left / linesAtOnce)) await setImmediate()
  budget.left = left
  // One after the other: together, a tree that unfolds without end would fill the memory before it is found out.
  for (const { old, new: now } of pairs(olds, news)) {
    const item = now ?? old
    if (!item) continue
    const path = `${prefix}${item.name}`
    if (isFolder(item))
      await compare(comparison, {
        before: old?.sha ?? null,
        after: now?.sha ?? null,
        prefix: `${path}/`,
        depth: depth + 1,
      })
    else found.push({ status: statusOf(old, now), path })
  }
}

function statusOf(old: TreeItem | undefined, now: TreeItem | undefined): Change['status'] {
  if (!old) return 'A'
  if (!now) return 'D'
  return old.mode.slice(0, 2) === now.mode.slice(0, 2) ? 'M' : 'T'
}

interface Matched {
  old: TreeItem | undefined
  new: TreeItem | undefined
}

/** Both are sorted by name, in which a folder's ends with a slash: a file and a folder of one name are two. */
function pairs(olds: readonly TreeItem[], news: readonly TreeItem[]): Matched[] {
  const found: Matched[] = []
  for (let o = 0, n = 0; o < olds.length || n < news.length;) {
    const [a, b] = [olds[o], news[n]]
    const order = !a ? 1 : !b ? -1 : compareKeys(keyOf(a), keyOf(b))
    if (order <= 0) o += 1
    if (order >= 0) n += 1
    const matched = { old: order <= 0 ? a : undefined, new: order >= 0 ? b : undefined }
    if (order !== 0 || a?.sha !== b?.sha || kindOf(a) !== kindOf(b)) found.push(matched)
  }
  return found
}

function keyOf(item: TreeItem): string {
  return isFolder(item) ? `${item.name}/` : item.name
}

function compareKeys(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/** Git tells files of one type apart by the executable bit alone. */
function kindOf(item: TreeItem | undefined): string {
  if (!item) return ''
  const executable = item.mode.startsWith('10') && (Number.parseInt(item.mode, 8) & 0o100) !== 0
  return `${item.mode.slice(0, 2)}${executable ? 'x' : ''}`
}

function tooMuch(): TooLarge {
  return new TooLarge(
    'These commits change more files and folders than can be looked at; remove what does not belong in the history.',
    'Ces commits changent plus de fichiers et de dossiers qu’on n’en peut regarder ; enlève de l’historique ce qui n’y a pas sa place.',
  )
}
