import type { RepositoryReader, Snapshot } from '../../board/forge/types.ts'
import { isObjectId } from '../../core/object-id.ts'

/**
 * Names are looked up in the snapshot, never by git: what is judged is what was received,
 * and no name that a player chose reaches a command.
 */
export function lookUp(snapshot: Snapshot, name: string): { ref: string; oid: string } | null {
  const wanted = name === 'HEAD' ? snapshot.head : name
  for (const ref of [wanted, `refs/heads/${wanted}`, `refs/tags/${wanted}`]) {
    const oid = Object.hasOwn(snapshot.refs, ref) ? snapshot.refs[ref] : undefined
    if (oid !== undefined) return { ref, oid }
  }
  return null
}

export function shortName(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, '')
}

const steps = /^(.*?)((?:[~^]\d*)*)$/s
const starterPrefix = 'starter:'

/** The commit that a revision names: a branch, tag, full ref, HEAD, object id or `starter:<ref>`, with `~n` and `^n` after it. */
export async function commitOf(
  reader: RepositoryReader,
  snapshot: Snapshot,
  revision: string,
): Promise<string | null> {
  const [, name = '', walk = ''] = steps.exec(revision) ?? []
  const oid = await startOf(reader, snapshot, name)
  if (oid === null) return null
  const [info] = await reader.info([`${oid}${walk}^{commit}`])
  return info?.oid ?? null
}

async function startOf(reader: RepositoryReader, snapshot: Snapshot, name: string): Promise<string | null> {
  if (isObjectId(name)) return name
  return name.startsWith(starterPrefix)
    ? (lookUp(await reader.starter(), name.slice(starterPrefix.length))?.oid ?? null)
    : (lookUp(snapshot, name)?.oid ?? null)
}

/** For each named pair, whether the first is reached from the second; false when either is not there. */
export async function readAncestors(
  reader: RepositoryReader,
  snapshot: Snapshot,
  pairs: Readonly<Record<string, readonly [string, string]>>,
): Promise<Record<string, boolean>> {
  const answers = Object.entries(pairs).map(async ([name, pair]): Promise<[string, boolean]> => {
    const [ancestor, descendant] = await Promise.all(pair.map((one) => commitOf(reader, snapshot, one)))
    if (!ancestor || !descendant) return [name, false]
    const beyond = await reader.git(['rev-list', '-n', '1', ancestor, `^${descendant}`, '--'])
    return [name, beyond.length === 0]
  })
  return Object.fromEntries(await Promise.all(answers))
}
