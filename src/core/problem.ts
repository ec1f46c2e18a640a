/** Why something in a player's namespace does not run; stable, for expressions and tests. */
export const problemCodes = [
  'quota-exceeded',
  'limits-missing',
  'limit-range',
  'pod-security',
  'policy-refuses',
  'pods-refused',
  'rollout-paused',
  'suspended',
  'terminating',
  'ingress-unclaimed',
  'route-unaccepted',
  'scaling-blocked',
  'claim-unbound',
  'config-missing',
  'key-missing',
  'image-not-found',
  'wrong-platform',
  'image-not-pulled',
  'wrong-tag',
  'image-name-invalid',
  'registry-refuses',
  'registry-unreachable',
  'runs-as-root',
  'cannot-start',
  'oom-killed',
  'liveness-failing',
  'crash-loop',
  'exited',
  'evicted',
  'mount-failing',
  'sandbox-failing',
  'unschedulable',
  'readiness-failing',
  'scaled-to-zero',
  'selector-matches-nothing',
  'port-missing',
  'service-missing',
  'no-endpoints',
  'job-failed',
  'not-ready',
] as const
export type ProblemCode = (typeof problemCodes)[number]

/** One reason, in plain words, why something in a namespace does not run. */
export interface Problem {
  code: ProblemCode
  /** What the player knows by name, such as `Deployment/web`. */
  object: string
  text: { en: string; fr: string }
  /** What the text was made of, such as `pod`, `container`, `exitCode`, `log`; bounded. */
  details: Record<string, string>
  /** It may mend by itself, such as a readiness probe of a program that starts slowly. */
  heals: boolean
  /** The board, not the player, has to mend it, such as a cluster without a free node. */
  ours: boolean
}
