import type { RepositoryReader, Snapshot } from '../../board/forge/types.ts'
import { decodeText, withoutLastLineEnds } from '../../lib/decode-text.ts'
import { TooLarge } from '../../lib/errors.ts'
import { readTree } from './tree.ts'

const maxNotes = 1000
const maxBytes = 64 * 1024

/** Notes of `refs/notes/commits` by the object they are tied to. Their tree spreads long ids over folders. */
export async function readNotes(
  reader: RepositoryReader,
  snapshot: Snapshot,
): Promise<Record<string, string>> {
  const tip = snapshot.refs['refs/notes/commits']
  if (tip === undefined) return {}
  const entries = (await readTree(reader, tip, undefined)).filter((entry) => entry.mode === '100644')
  if (entries.length > maxNotes)
    throw new TooLarge(
      `The repository has ${entries.length} notes; at most ${maxNotes} are read.`,
      `Le dépôt a ${entries.length} notes ; on en lit ${maxNotes} au plus.`,
    )
  const notes = entries.map(async ({ path, sha }): Promise<[string, string]> => {
    const content = await reader.contents(sha, maxBytes)
    return [path.replaceAll('/', ''), content ? withoutLastLineEnds(decodeText(content)) : '']
  })
  return Object.fromEntries(await Promise.all(notes))
}
