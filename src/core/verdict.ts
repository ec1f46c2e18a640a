import type { Localized } from './text.ts'

export const verdicts = ['passed', 'failed', 'inconclusive'] as const
/** A submission's outcome. `inconclusive`: our side could not look; never held against the player. */
export type Verdict = (typeof verdicts)[number]

/** One expectation's outcome. `ok: null` means that it was not looked at, after an earlier failure or an inability of ours. */
export interface Finding {
  ok: boolean | null
  message: Localized
  expected?: Localized
  saw?: Localized
  /** The place in the artefact, such as `main:map.txt` or a commit. */
  where?: string
}

/** What a check saw, and at which revision. */
export interface Evidence {
  what: 'commit' | 'tag' | 'image' | 'release' | 'run' | 'object' | 'answer' | 'response'
  /** Commit SHA, image digest, release revision, run number. */
  revision: string
  /** Where it stands, such as `torn-map main`. */
  where: string
  /** RFC 3339. */
  at: string
}

export interface CheckResult {
  name: Localized
  kind: string
  verdict: Verdict
  findings: Finding[]
  evidence: Evidence[]
}

/** Three-valued and: any failed, failed; else any inconclusive, inconclusive; else passed. */
export function combine(all: readonly Verdict[]): Verdict {
  if (all.includes('failed')) return 'failed'
  return all.includes('inconclusive') ? 'inconclusive' : 'passed'
}
