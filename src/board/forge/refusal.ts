import type { Snapshot } from '../../core/snapshot.ts'
import type { ForgeLimits } from './limits.ts'
import type { PushHead } from './push-head.ts'
import { band, flush, pkt } from './pktline.ts'

// Git's own rules for names apply as well. Bytes that are no UTF-8 were read as U+FFFD.
const allowedRef = /^refs\/(heads|tags|notes)\/[^\s\p{Cc}\ufffd~^:?*[\\]{1,200}$/u

/** Why a push is refused by its head alone, in lines for the terminal; null: it is not. */
export function faultOf(
  head: PushHead,
  before: Snapshot,
  limits: Pick<ForgeLimits, 'refs' | 'refsPerPush'>,
): string[] | null {
  if (head.commands.length > limits.refsPerPush)
    return [
      `error: this push moves more than ${limits.refsPerPush} refs`,
      'hint: push one branch at a time, such as git push origin main',
    ]
  const foreign = head.commands.find((command) => !allowedRef.test(command.ref))
  if (foreign)
    return [
      `error: ${foreign.ref.replace(/[^\x21-\x7e]/g, '?').slice(0, 80)} cannot be pushed here`,
      'hint: branches, tags and notes can: refs/heads/…, refs/tags/…, refs/notes/…',
    ]
  const names = new Set([...Object.keys(before.refs), ...head.commands.map((command) => command.ref)])
  for (const command of head.commands) if (/^0+$/.test(command.after)) names.delete(command.ref)
  return names.size > limits.refs
    ? [
        `error: this repository would have more than ${limits.refs} refs`,
        'hint: delete some that you do not need, such as git push origin --delete NAME',
      ]
    : null
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

/** What a pusher can do about Git's refusal. `said`: what Git said; `reported`: whether it came to its end. */
export function hintsFor(said: string, reported: boolean, limits: ForgeLimits): string[] {
  if (/exceeds maximum allowed size/.test(said))
    return [
      `hint: one push may have ${Math.floor(limits.pushBytes / 2 ** 20)} MiB: leave large files out, or push older commits first`,
    ]
  if (/^(remote: )?error: object [0-9a-f]+: |fsck error/m.test(said))
    return [
      'hint: Git refuses this object as malformed or unsafe for whoever clones it (git cat-file -p shows it)',
      'hint: make the commits that hold it again without it, then push',
    ]
  if (!reported || /died of signal|abnormal exit|out of memory|malloc failed/i.test(said))
    return [
      'error: this push was not taken in: it was too much work for this server, or the server is stopping',
      'hint: push less at once (one branch, fewer or smaller files), or try again in a moment',
    ]
  return []
}
