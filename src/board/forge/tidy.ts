import { isObjectId } from '../../core/object-id.ts'
import { ownGit, refsBelow } from './own-git.ts'
import { hiddenRefs, starterRefs } from './reader.ts'
import type { TidyPlan } from './types.ts'

export const evidenceRefs = `${hiddenRefs}evidence/`
const heldRefs = `${hiddenRefs}held/`

// Longer than Git takes in a push: what it has just brought is reached by no ref yet.
const youngest = '10.minutes.ago'
/** Below this share of what it may take, a repository keeps everything. */
const worthwhile = 1 / 20

const frugal = ['pack.threads=1', 'pack.windowMemory=64m', 'core.bigFileThreshold=1m', 'gc.auto=0']
/** Packs what is reached, and deletes what is not. */
export const collecting: readonly string[] = [
  ...frugal.flatMap((setting) => ['-c', setting]),
  'gc',
  '-q',
  '--force',
  `--prune=${youngest}`,
]

/** Lets refs of ours go as planned. `collect`: objects are to be deleted now; `more`: evidence is left that a later time may let go. */
export async function letGo(
  gitDir: string,
  quotaBytes: number,
  plan: TidyPlan,
): Promise<{ collect: boolean; more: boolean }> {
  if ((await bytesIn(gitDir)) < quotaBytes * worthwhile) return { collect: false, more: false }
  const pinned = await refsBelow(gitDir, evidenceRefs)
  const unreached = await unreachedOf(
    gitDir,
    pinned.map(([, oid]) => oid),
  )
  const { go, hold } = await plan(unreached)
  const gone = new Set(go)
  const held = await presentOf(gitDir, hold)
  const before = await refsBelow(gitDir, heldRefs)
  const lines = [
    ...pinned.filter(([, oid]) => gone.has(oid)).map(([ref]) => `delete ${ref}\n`),
    ...before.filter(([, oid]) => !held.includes(oid)).map(([ref]) => `delete ${ref}\n`),
    ...held.map((oid) => `update ${heldRefs}${oid} ${oid}\n`),
  ]
  if (lines.length > 0) await ownGit(gitDir, ['update-ref', '--stdin'], lines.join(''))
  return { collect: true, more: unreached.some((oid) => !gone.has(oid)) || held.length > 0 }
}

/** What its objects take on the disk. */
async function bytesIn(gitDir: string): Promise<number> {
  const said = await ownGit(gitDir, ['count-objects', '-v'])
  const kibibytes = [...said.matchAll(/^size(?:-pack|-garbage)?: (\d+)$/gm)].map(([, count]) => Number(count))
  return kibibytes.reduce((sum, one) => sum + one, 0) * 1024
}

/** Those commits that neither a player's ref nor the starter reaches. */
async function unreachedOf(gitDir: string, oids: readonly string[]): Promise<string[]> {
  if (oids.length === 0) return []
  const reaching = ['--branches', '--tags', '--glob=refs/notes', `--glob=${starterRefs.replace(/\/$/, '')}`]
  const out = await ownGit(gitDir, ['rev-list', '--stdin', '--not', ...reaching], `${oids.join('\n')}\n`)
  const found = new Set(out.split('\n'))
  return oids.filter((oid) => found.has(oid))
}

async function presentOf(gitDir: string, oids: readonly string[]): Promise<string[]> {
  const asked = [...new Set(oids)].filter(isObjectId)
  if (asked.length === 0) return []
  const out = await ownGit(gitDir, ['cat-file', '--batch-check=%(objectname)'], `${asked.join('\n')}\n`)
  const found = new Set(out.split('\n'))
  return asked.filter((oid) => found.has(oid))
}
