import type { RepositoryReader } from '../../board/forge/types.ts'
import { TooLarge } from '../../lib/errors.ts'
import type { Entry } from './tree.ts'

const maxBytes = 64 * 1024 * 1024

/** Paths among `paths` (all when not said) in which a conflict marker begins a line. `entries` are the same files. */
export async function readConflicts(
  reader: RepositoryReader,
  commit: string,
  paths: readonly string[] | undefined,
  entries: readonly Entry[],
): Promise<string[]> {
  const bytes = entries.reduce((sum, { size }) => sum + size, 0)
  if (bytes > maxBytes)
    throw new TooLarge(
      `The files have ${bytes} bytes; at most ${maxBytes} are searched for conflict markers.`,
      `Les fichiers font ${bytes} octets ; on y cherche les marques de conflit jusqu’à ${maxBytes} au plus.`,
    )
  const command = [
    '--literal-pathspecs',
    'grep',
    '--text',
    '--no-textconv',
    '--files-with-matches',
    '-z',
    '-E',
    '-e',
    '^<<<<<<< ',
    commit,
    '--',
  ]
  // Exit code 1: none.
  const out = await reader.git([...command, ...(paths ?? [])], { codes: [0, 1] })
  return out
    .toString('utf8')
    .split('\0')
    .slice(0, -1)
    .map((line) => line.slice(commit.length + 1))
}

/** Texts that hold one. Git searches bytes, and finds none in UTF-16. */
export function markedIn(texts: Readonly<Record<string, string>>): string[] {
  return Object.entries(texts).flatMap(([path, text]) => (/^<{7} /m.test(text) ? [path] : []))
}
