import { namesIn, NotPlain } from '../../lib/plain-files.ts'
import type { FileFault } from '../../lib/yaml-file.ts'

/** The names in a folder of a hunt; none, and a fault, where it cannot be looked into. */
export async function namesOrFault(
  root: string,
  folder: string,
  most: number,
  faults: FileFault[],
): Promise<string[]> {
  try {
    return (await namesIn(root, folder, most)) ?? []
  } catch (error) {
    if (!(error instanceof NotPlain)) throw error
    faults.push({ file: folder, line: 1, column: 1, message: error.message })
    return []
  }
}
