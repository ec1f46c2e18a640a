import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { StarterHistory } from '../../core/history.ts'
import type { Log } from '../../lib/log.ts'
import { fastImportStream } from './fast-import.ts'
import { feedGit, ownGit, refsBelow } from './own-git.ts'
import { leaving } from './places.ts'
import { hiddenRefs, starterRefs } from './reader.ts'

const building = '.new-'

/** A folder's name for a repository on its way in or out; never seen as a player's. */
export function newName(): string {
  return `${building}${randomBytes(6).toString('hex')}`
}

/** Removes what a process that died left on its way in or out. What cannot be removed is left for the next time. */
export async function removeHalfMade(root: string, log: Log): Promise<void> {
  const names = (await readdir(root)).filter((name) => name.startsWith(building) || name.startsWith(leaving))
  for (const name of names)
    await rm(join(root, name), { recursive: true, force: true }).catch((error: unknown) =>
      log.warn({ err: error }, 'what a process that died left cannot be removed now'),
    )
}

/** Builds a repository under a temporary name, so that a half-made one is never seen, and removes what is left of it. */
export async function withBuilt(
  root: string,
  starter: StarterHistory | null,
  use: (built: string) => Promise<void>,
): Promise<void> {
  const built = join(root, newName())
  try {
    await mkdir(built)
    await ownGit(built, [
      'init',
      '-q',
      '--bare',
      '--template=',
      `--initial-branch=${starter?.head ?? 'main'}`,
    ])
    if (starter) {
      // Kept as a pack, which a reset can lay into another repository.
      await feedGit(
        built,
        ['-c', 'fastimport.unpackLimit=0', 'fast-import', '--quiet', '--done', '--force'],
        fastImportStream(starter),
      )
      const refs = await refsBelow(built, 'refs/')
      const lines = refs.map(([ref, oid]) => `create ${starterRefs}${ref.slice('refs/'.length)} ${oid}\n`)
      await ownGit(built, ['update-ref', '--stdin'], lines.join(''))
    }
    await use(built)
  } finally {
    await rm(built, { recursive: true, force: true })
  }
}

/** Gives a repository the refs of a built one, and takes all others but evidence from it. */
export async function layOver(built: string, gitDir: string): Promise<void> {
  await copyPacks(built, gitDir)
  const fresh = await refsBelow(built, 'refs/')
  const old = (await refsBelow(gitDir, 'refs/')).filter(
    ([ref]) => !ref.startsWith(hiddenRefs) || ref.startsWith(starterRefs),
  )
  const kept = new Set(fresh.map(([ref]) => ref))
  const gone = old.filter(([ref]) => !kept.has(ref)).map(([ref]) => `delete ${ref}\n`)
  // Two steps: in one, a player's `main/x` would stand in the way of `main`.
  if (gone.length > 0) await ownGit(gitDir, ['update-ref', '--stdin'], gone.join(''))
  const lines = fresh.map(([ref, oid]) => `update ${ref} ${oid}\n`)
  if (lines.length > 0) await ownGit(gitDir, ['update-ref', '--stdin'], lines.join(''))
}

async function copyPacks(from: string, to: string): Promise<void> {
  const packs = join('objects', 'pack')
  await mkdir(join(to, packs), { recursive: true })
  const files = await readdir(join(from, packs)).catch(() => [])
  // The index last: without it the pack does not count yet.
  const order = (file: string) => (file.endsWith('.idx') ? 1 : 0)
  for (const file of files.sort((a, b) => order(a) - order(b)))
    await copyFile(join(from, packs, file), join(to, packs, file))
}
