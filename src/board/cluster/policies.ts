import { policyObjects } from './policy.ts'
import { ingresses, routes, services } from './policy-hosts.ts'
import {
  bornNamespaces,
  boundRoles,
  keptObjects,
  masterBounds,
  reservedMarks,
  tokenSecrets,
} from './policy-marks.ts'
import { claims, images, placement } from './policy-pods.ts'
import type { KubeObject } from './types.ts'

/**
 * Admission policies and their bindings. What differs from player to player and from hunt to hunt, they read from
 * the namespace. `masterUser`: the master's own service account; say none for an identity that others use too.
 */
export function policies(masterUser?: string): KubeObject[] {
  return [
    services,
    ingresses,
    routes,
    images,
    placement,
    claims,
    tokenSecrets,
    reservedMarks,
    keptObjects,
    boundRoles,
    bornNamespaces,
    ...(masterUser === undefined ? [] : [masterBounds(masterUser)]),
  ].flatMap(policyObjects)
}
