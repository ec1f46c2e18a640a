import type { Snapshot } from '../../core/snapshot.ts'
import type { ForgeLimits } from './limits.ts'
import type { PushHead } from './push-head.ts'
import { band, flush, pkt } from './pktline.ts'
import type { Relayed } from './transfer.ts'
import type { Words } from './words.ts'

// Git's own rules for names apply as well. Bytes that are no UTF-8 were read as U+FFFD.
const allowedRef = /^refs\/(heads|tags|notes)\/[^\s\p{Cc}\ufffd~^:?*[\\]{1,200}$/u
// All of a push stand in one variable of the environment, which has 128 KiB.
const longestRef = 255

function isTaken(ref: string): boolean {
  return allowedRef.test(ref) && Buffer.byteLength(ref) <= longestRef
}

/** The refs of a push that are taken and those that are not, such as `refs/original/…` of `git push --mirror`. */
export function sortRefs({ commands }: Pick<PushHead, 'commands'>): { taken: string[]; foreign: string[] } {
  const refs = commands.map(({ ref }) => ref)
  return { taken: refs.filter(isTaken), foreign: refs.filter((ref) => !isTaken(ref)) }
}

/** The environment by which the update hook knows them; empty where nothing is refused. */
export function takenRefs(head: Pick<PushHead, 'commands'>): Record<string, string> {
  const { taken, foreign } = sortRefs(head)
  return foreign.length === 0 ? {} : { SHAMBHALA_REFS: taken.join('\n') }
}

/** Why a push is refused as a whole by its head alone, in lines for the terminal; null: it is not. */
export function faultOf(
  head: PushHead,
  before: Snapshot,
  limits: Pick<ForgeLimits, 'refs' | 'refsPerPush'>,
  words: Words,
): string[] | null {
  if (head.commands.length > limits.refsPerPush) return words.manyRefsAtOnce(limits.refsPerPush)
  const { taken, foreign } = sortRefs(head)
  if (foreign.length > 0 && (taken.length === 0 || head.capabilities.has('atomic')))
    return words.foreignRefs(shownRef(foreign), foreign.length - 1, false)
  const names = new Set([...Object.keys(before.refs), ...taken])
  for (const command of head.commands) if (/^0+$/.test(command.after)) names.delete(command.ref)
  return names.size > limits.refs ? words.manyRefs(limits.refs) : null
}

/** What is said before Git takes in a push of which single refs are refused. */
export function warningOf(head: PushHead, words: Words): string[] {
  const { foreign } = sortRefs(head)
  return foreign.length === 0 ? [] : words.foreignRefs(shownRef(foreign), foreign.length - 1, true)
}

function shownRef([ref = '']: readonly string[]): string {
  return ref.replace(/[^\x21-\x7e]/g, '?').slice(0, 80)
}

/** The answer as Git would give it: each ref refused, the reason in the terminal. */
export function refusal(head: PushHead, lines: readonly string[]): Buffer {
  const report = reportOf(head, (lines[0] ?? 'refused').replace(/^error: /, ''))
  if (!head.capabilities.has('side-band-64k')) return report
  return Buffer.concat([...lines.map((line) => band(2, `${line}\n`)), band(1, report), flush])
}

/** A report (gitprotocol-pack, report status) that refuses every ref, with its flush. */
export function reportOf(head: PushHead, why: string): Buffer {
  const refs = head.commands.map((command) => pkt(`ng ${command.ref} ${why}\n`))
  return Buffer.concat([pkt('unpack ok\n'), ...refs, flush])
}

/** In the words of the system and of Git. */
const diskAway =
  /No space left on device|Out of diskspace|Disk quota exceeded|Read-only file system|Input\/output error/i

/** What a pusher can do about Git's refusal. */
export function hintsFor(
  { said, reported }: Pick<Relayed, 'said' | 'reported'>,
  limits: Pick<ForgeLimits, 'pushBytes'>,
  words: Words,
): string[] {
  if (diskAway.test(said)) return words.noRoom
  if (/exceeds maximum allowed size/.test(said))
    return words.manyBytes(Math.floor(limits.pushBytes / 2 ** 20))
  if (/^(remote: )?error: object [0-9a-f]+: |fsck error/m.test(said)) return words.malformed
  if (!reported || /died of signal|abnormal exit|out of memory|malloc failed/i.test(said))
    return words.muchWork
  return []
}
