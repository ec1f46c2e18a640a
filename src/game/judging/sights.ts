import type { CheckKinds } from '../../checks/check.ts'
import { liveParts } from '../../core/board-parts.ts'
import type { Challenge } from '../../core/challenge.ts'
import type { CheckResult } from '../../core/verdict.ts'

/** What one look saw of one check, beside its result. */
export interface Sight {
  /** It reads what is there at the instant of the look, or judges by what such a check read. */
  live: boolean
  /** False where it could not be looked at or judged, or was not. */
  looked: boolean
  pending: boolean
  /** What somebody made of it, for comparing. */
  made: string
  /** No later than this it was so. */
  at: Date
}

/** Whether each check reads what is there at the instant of the look, or uses what such a check before it read. */
export function liveChecks(kinds: CheckKinds, { checks }: Challenge): boolean[] {
  const names: string[] = []
  return checks.map(({ kind, as, expect }) => {
    const reads = kinds.get(kind)?.needs.some((part) => liveParts.includes(part)) === true
    const uses = expect.some(({ that }) => names.some((name) => new RegExp(`\\b${name}\\b`).test(that)))
    if (reads || uses) names.push(as)
    return reads || uses
  })
}

export function seenOf(
  { evidence, verdict }: CheckResult,
  made: unknown,
): Pick<Sight, 'looked' | 'made' | 'at'> {
  const times = evidence.map(({ at }) => Date.parse(at))
  return {
    looked: verdict !== 'inconclusive',
    made: JSON.stringify(made ?? evidence.map(({ what, revision, where }) => [what, revision, where])),
    at: times.length === 0 ? new Date() : new Date(Math.max(...times)),
  }
}

export function unlooked(live: boolean): Sight {
  return { live, looked: false, pending: false, made: '', at: new Date() }
}
