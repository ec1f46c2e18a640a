import type { ObjectInfo, RepositoryReader, Snapshot } from '../../board/forge/types.ts'
import { TooLarge } from '../../lib/errors.ts'
import { compilePattern, type Finder } from './pattern.ts'
import type { GitFacts } from './spec.ts'

interface Place {
  /** The newest commit that reaches it, or the tag itself. */
  sha: string
  path: string
  info: ObjectInfo
}

const maxObjects = 50_000
const maxBytes = 64 * 1024 * 1024
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
  const finders = patterns.map((pattern) => ({ pattern, find: compilePattern(pattern), hits: [] as Place[] }))
  const places = await reached(reader, snapshot)
  const bytes = places.reduce((sum, place) => sum + place.info.size, 0)
  if (bytes > maxBytes)
    throw new TooLarge(`The whole history has ${bytes} bytes of content; at most ${maxBytes} are searched.`)
  for (let from = 0; from < places.length; from += together)
    await Promise.all(places.slice(from, from + together).map((place) => search(reader, place, finders)))
  return Object.fromEntries(
    finders.map(({ pattern, hits }) => [pattern, hits.map(({ sha, path }) => ({ sha, path }))]),
  )
}

async function search(
  reader: RepositoryReader,
  place: Place,
  finders: readonly { find: Finder; hits: Place[] }[],
): Promise<void> {
  const content = await reader.contents(place.info.oid, maxBytes)
  if (!content) return
  for (const { find, hits } of finders) if (hits.length < maxHits && find(content)) hits.push(place)
}

/** Every object but trees, once, with the first commit on the way from the refs that has it. */
async function reached(reader: RepositoryReader, snapshot: Snapshot): Promise<Place[]> {
  const tips = [...new Set(Object.values(snapshot.refs))]
  if (tips.length === 0) return []
  const out = await reader.git(['rev-list', '--objects', '--in-commit-order', '--stdin'], {
    input: `${tips.join('\n')}\n`,
  })
  const lines = out.toString('utf8').split('\n').slice(0, -1)
  if (lines.length > maxObjects)
    throw new TooLarge(`The whole history has more than ${maxObjects} objects; that is too much to search.`)
  const infos = await reader.info(lines.map((line) => line.split(' ', 1)[0] ?? ''))
  const places: Place[] = []
  let commit = ''
  for (const [index, info] of infos.entries()) {
    if (!info || info.type === 'tree') continue
    if (info.type === 'commit') commit = info.oid
    const path = info.type === 'blob' ? (lines[index] ?? '').slice(info.oid.length + 1) : ''
    places.push({ sha: info.type === 'blob' && commit !== '' ? commit : info.oid, path, info })
  }
  return places
}
