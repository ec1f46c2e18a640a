import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Log } from '../lib/log.ts'
import { packageRoot } from '../lib/root.ts'

/** Lines that a patch adds, by the file within its package. */
function addedBy(patch: string): Map<string, string[]> {
  const added = new Map<string, string[]>()
  let file = ''
  for (const line of patch.split('\n')) {
    const [, path] = /^\+\+\+ b\/node_modules\/[^/]+\/(.+)$/.exec(line) ?? []
    if (path !== undefined) file = path
    else if (line.startsWith('+')) added.set(file, [...(added.get(file) ?? []), line.slice(1).trim()])
  }
  return added
}

/**
 * Whether the driver lacks what `patches/` mends in it, as after `npm ci --ignore-scripts`. `entry`: the file that an import
 * of the driver leads to.
 */
export async function isUnpatched(entry: string, patches = join(packageRoot(), 'patches')): Promise<boolean> {
  const files = (await readdir(patches).catch(() => [])).filter((name) => /^postgres\+.*\.patch$/.test(name))
  for (const name of files) {
    for (const [path, lines] of addedBy(await readFile(join(patches, name), 'utf8'))) {
      if (!path.startsWith('src/')) continue
      const text = await readFile(join(dirname(entry), '..', path), 'utf8').catch(() => null)
      if (text !== null && lines.some((line) => !text.includes(line))) return true
    }
  }
  return false
}

/** A server on it works, until its database goes away at an unlucky moment. */
export async function noteUnpatched(log: Log): Promise<void> {
  if (await isUnpatched(fileURLToPath(import.meta.resolve('postgres'))))
    log.warn(
      'The database driver is installed without its patch (npm ci --ignore-scripts?), so that losing the database may end this server: run "npx patch-package" once.',
    )
}
