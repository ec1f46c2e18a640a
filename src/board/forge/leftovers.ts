import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Removes what a killed receive-pack leaves: locks, behind which nobody could push again, and the quarantine.
 * Only what is from before that time (milliseconds): a process that lives may hold younger ones. Refs of ours are left alone.
 */
export async function removeLeftovers(gitDir: string, before: number): Promise<void> {
  const objects = await readdir(join(gitDir, 'objects'))
  const quarantines = objects.filter((name) => name.startsWith('tmp_objdir-'))
  const found = [
    ...quarantines.map((name) => join(gitDir, 'objects', name)),
    ...['packed-refs.lock', 'packed-refs.new', 'HEAD.lock', 'shallow.lock'].map((name) => join(gitDir, name)),
    ...(await locksBelow(gitDir)),
  ]
  for (const path of found) {
    const changed = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    )
    if (changed <= before) await rm(path, { recursive: true, force: true })
  }
}

async function locksBelow(gitDir: string): Promise<string[]> {
  const found: string[] = []
  for (const kind of ['heads', 'tags', 'notes']) {
    const root = join(gitDir, 'refs', kind)
    const names = await readdir(root, { recursive: true }).catch(() => [])
    found.push(...names.filter((name) => name.endsWith('.lock')).map((name) => join(root, name)))
  }
  return found
}
