/**
 * What a workspace on a cluster goes through, in this order. `waiting`: every cluster is full; `expiring`: deleted soon unless it
 * is renewed; `failed`, wherever it happens: a step did not work and is tried again, or an organizer has to look.
 */
export const workspaceStates = [
  'requested',
  'waiting',
  'creating',
  'probing',
  'ready',
  'expiring',
  'deleting',
  'gone',
  'failed',
] as const
export type WorkspaceState = (typeof workspaceStates)[number]

/** States in which a workspace takes a place on its cluster. */
export const placedStates: readonly WorkspaceState[] = [
  'creating',
  'probing',
  'ready',
  'expiring',
  'deleting',
  'failed',
]

/** Its namespaces are the player's to use, and to be looked at. */
export function isLive(state: WorkspaceState): boolean {
  return state === 'ready' || state === 'expiring'
}

/** `main` and the environments that a hunt may add. */
export function namespaceName(slug: string, environment = ''): string {
  return environment === '' ? `hunt-${slug}` : `hunt-${slug}-${environment}`
}

/** Whose a namespace is; '' where it is none of a workspace. A slug has no hyphen. */
export function slugOfNamespace(namespace: string): string {
  return /^hunt-([^-]+)(-|$)/.exec(namespace)?.[1] ?? ''
}

/** Retries of a step that did not work, in seconds after the try before; the last one is repeated. */
const backoff = [2, 5, 10, 20, 40, 60, 120, 300]

export function retrySeconds(attempt: number): number {
  return backoff[Math.min(attempt, backoff.length) - 1] ?? 300
}
