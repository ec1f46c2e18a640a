import { lstat, opendir, readlink, realpath } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { huntBounds } from '../../core/hunt-bounds.ts'
import type { FileFault } from '../../lib/yaml-file.ts'

interface Looking {
  folder: string
  root: string
  faults: FileFault[]
  entries: number
  bytes: number
}

/**
 * A hunt may come from elsewhere: it holds plain files, folders, and links that stay in it, and no more of them than can be read.
 * What begins with a dot beside the challenges, such as the repository that it lies in, is nobody's to read.
 */
export async function checkFolder(folder: string, faults: FileFault[]): Promise<void> {
  const root = await realpath(folder).catch(() => null)
  if (root === null) return
  const looking: Looking = { folder, root, faults, entries: 0, bytes: 0 }
  const open = [{ path: folder, depth: 0 }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { path, depth } = next
    if (depth > huntBounds.depth) {
      tell(looking, path, `folders lie more than ${huntBounds.depth} deep in each other here`)
      continue
    }
    for await (const { name } of await opendir(path)) {
      if (depth === 0 && name.startsWith('.')) continue
      looking.entries += 1
      if (looking.entries > huntBounds.entries) {
        tell(looking, folder, `a hunt has ${huntBounds.entries} files and folders at most`)
        return
      }
      if (await isFolderToOpen(looking, join(path, name)))
        open.push({ path: join(path, name), depth: depth + 1 })
    }
  }
  if (looking.bytes > huntBounds.bytes)
    tell(looking, folder, `the files of a hunt have ${huntBounds.bytes} bytes together at most`)
}

async function isFolderToOpen(looking: Looking, path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null)
  if (found === null) {
    tell(looking, path, 'this cannot be looked at: give it a name in UTF-8')
    return false
  }
  if (found.isFile()) looking.bytes += found.size
  else if (found.isSymbolicLink()) {
    if (!(await leadsTo(path)).startsWith(looking.root + sep))
      tell(
        looking,
        path,
        `this link leads out of the hunt's folder, to ${await readlink(path)}: copy the file instead`,
      )
  } else if (!found.isDirectory())
    tell(looking, path, 'this is neither a file, a folder nor a link: remove it')
  return found.isDirectory()
}

function tell({ faults }: Looking, file: string, message: string): void {
  faults.push({ file, line: 1, column: 1, message })
}

/** Links to nothing may be part of a starter; the folder in which they stand is real. */
async function leadsTo(link: string): Promise<string> {
  const target = await readlink(link)
  return await realpath(link).catch(async () => resolve(await realpath(dirname(link)), target))
}
