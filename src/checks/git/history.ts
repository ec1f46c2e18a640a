import type { ObjectInfo, RepositoryReader, Snapshot } from '../../board/forge/types.ts'
import { asUtf8 } from '../../lib/decode-text.ts'
import { TooLarge } from '../../lib/errors.ts'
import { compilePattern, type Finder } from './pattern.ts'
import type { GitFacts } from './spec.ts'

interface ReachedObject {
  /** The newest commit that reaches it, or the tag itself. */
  sha: string
  path: string
  info: ObjectInfo
}

interface Search {
  pattern: string
  finder: Finder
  hits: { sha: string; path: string }[]
}

const maxObjects = 50_000
const maxBytes = 64 * 1024 * 1024
/** Bytes on which patterns, not plain text, are tried: about 0.1 s each MiB, in which nothing else runs. */
const maxTried = 16 * 1024 * 1024
const maxHits = 100
const together = 32

/**
 * Where each pattern still stands in what the snapshot's refs reach: contents of files, deleted ones too, notes,
 * messages of commits and tags. More than 50 000 objects or 64 MiB throw `TooLarge`; 100 places are told per pattern.
 */
export async function searchHistory(
  reader: RepositoryReader,
  snapshot: Snapshot,
  patterns: readonly string[],
): Promise<GitFacts['history']> {
  if (patterns.length === 0) return {}
  const searches = patterns.map((pattern): Search => ({ pattern, finder: compilePattern(pattern), hits: [] }))
  const places = await reached(reader, snapshot)
  const bytes = places.reduce((sum, place) => sum + place.info.size, 0)
  if (bytes > maxBytes)
    throw new TooLarge(
      `The whole history has ${bytes} bytes of content; at most ${maxBytes} are searched.`,
      `L’historique entier contient ${bytes} octets ; on en fouille ${maxBytes} au plus.`,
    )
  const budget = { left: maxTried }
  for (let from = 0; from < places.length; from += together) {
    const some = places.slice(from, from + together)
    await Promise.all(some.map((place) => search(reader, place, searches, budget)))
  }
  return Object.fromEntries(searches.map(({ pattern, hits }) => [pattern, hits]))
}

async function search(
  reader: RepositoryReader,
  { sha, path, info }: ReachedObject,
  searches: readonly Search[],
  budget: { left: number },
): Promise<void> {
  const stored = await reader.contents(info.oid, maxBytes)
  const content = stored && asUtf8(stored)
  for (const { finder, hits } of searches) {
    if (!content || hits.length >= maxHits || !finder.mayStandIn(content)) continue
    if (finder.standsIn) {
      budget.left -= content.length
      if (budget.left < 0)
        throw new TooLarge(
          `The whole history is too large to search: ${path || sha} was the last that fitted.`,
          `L’historique entier est trop grand pour être fouillé : ${path || sha} était le dernier à tenir.`,
        )
      if (!finder.standsIn(content)) continue
    }
    hits.push({ sha, path })
  }
}

/** Every object but trees, once, with the first commit on the way from the refs that has it. */
async function reached(reader: RepositoryReader, snapshot: Snapshot): Promise<ReachedObject[]> {
  const tips = [...new Set(Object.values(snapshot.refs))]
  if (tips.length === 0) return []
  const out = await reader.git(['rev-list', '--objects', '--in-commit-order', '--stdin'], {
    input: `${tips.join('\n')}\n`,
  })
  const lines = out.toString('utf8').split('\n').slice(0, -1)
  if (lines.length > maxObjects)
    throw new TooLarge(
      `The whole history has more than ${maxObjects} objects; that is too much to search.`,
      `L’historique entier a plus de ${maxObjects} objets ; c’est trop pour être fouillé.`,
    )
  const infos = await reader.info(lines.map((line) => line.split(' ', 1)[0] ?? ''))
  const places: ReachedObject[] = []
  let commit = ''
  for (const [index, info] of infos.entries()) {
    if (!info || info.type === 'tree') continue
    if (info.type === 'commit') commit = info.oid
    const path = info.type === 'blob' ? (lines[index] ?? '').slice(info.oid.length + 1) : ''
    places.push({ sha: info.type === 'blob' && commit !== '' ? commit : info.oid, path, info })
  }
  return places
}
