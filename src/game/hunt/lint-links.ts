import { lstat, readdir, readlink, realpath } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import type { FileFault } from '../../lib/yaml-file.ts'

/** A hunt may come from elsewhere: no link of it may lead to the rest of this machine. */
export async function checkLinks(folder: string, faults: FileFault[]): Promise<void> {
  const root = await realpath(folder).catch(() => null)
  if (root === null) return
  const open = [folder]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const found = await lstat(path)
    if (found.isSymbolicLink() && path !== folder) {
      if (!(await leadsTo(path)).startsWith(root + sep)) {
        const message = `this link leads out of the hunt's folder, to ${await readlink(path)}: copy the file instead`
        faults.push({ file: path, line: 1, column: 1, message })
      }
    } else if (found.isDirectory() || path === folder)
      open.push(...(await readdir(path)).map((name) => join(path, name)))
  }
}

/** Links to nothing may be part of a starter; the folder in which they stand is real. */
async function leadsTo(link: string): Promise<string> {
  const target = await readlink(link)
  return await realpath(link).catch(async () => resolve(await realpath(dirname(link)), target))
}
