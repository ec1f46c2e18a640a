import type { RepositoryReader } from '../../board/forge/types.ts'
import { TooLarge } from '../../lib/errors.ts'
import type { Entry } from './tree.ts'

const maxBytes = 64 * 1024 * 1024
const together = 32
const marker = '<<<<<<< '

/** Paths of those files in which a conflict marker begins a line. More than 64 MiB in all throw `TooLarge`. */
export async function readConflicts(reader: RepositoryReader, entries: readonly Entry[]): Promise<string[]> {
  const bytes = entries.reduce((sum, { size }) => sum + size, 0)
  if (bytes > maxBytes)
    throw new TooLarge(
      `The files have ${bytes} bytes; at most ${maxBytes} are searched for conflict markers.`,
      `Les fichiers font ${bytes} octets ; on y cherche les marques de conflit jusqu’à ${maxBytes} au plus.`,
    )
  const torn: string[] = []
  const files = entries.filter(({ mode }) => mode.startsWith('100'))
  for (let from = 0; from < files.length; from += together) {
    const some = files.slice(from, from + together)
    const contents = await Promise.all(some.map(({ sha }) => reader.contents(sha, maxBytes)))
    torn.push(...some.filter((_, index) => hasMarker(contents[index])).map(({ path }) => path))
  }
  return torn
}

function hasMarker(content: Buffer | null | undefined): boolean {
  return !!content && (content.indexOf(marker) === 0 || content.includes(`\n${marker}`))
}

/** Texts that hold one. Git searches bytes, and finds none in UTF-16. */
export function markedIn(texts: Readonly<Record<string, string>>): string[] {
  return Object.entries(texts).flatMap(([path, text]) => (/^<{7} /m.test(text) ? [path] : []))
}
