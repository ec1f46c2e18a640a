import type { Parted } from './current.ts'
import type { KubeObject } from '../../board/cluster/types.ts'
import type { KubeEvent, Claim, Ingress, Pod, Service, Workload } from './shapes.ts'
import { nameOf } from './words.ts'

/** What a diagnosis looks at: all of a namespace, or what belongs to some of its objects. */
export interface NamespaceContents {
  pods: readonly Pod[]
  /** Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs, CronJobs. */
  workloads: readonly Workload[]
  /** What Deployments have replaced: it tells what ran before. */
  replaced: Parted
  /** Of all pods of the namespace, and of those that its workloads are to make. */
  labels: readonly Readonly<Record<string, string>>[]
  services: readonly Service[]
  ingresses: readonly Ingress[]
  claims: readonly Claim[]
  /** What else is looked at, of kinds that have no list of their own here. */
  others: readonly KubeObject[]
  /** Names of the claims that pods of the namespace mount. */
  mounted: ReadonlySet<string>
  /** Of Ingresses that the board’s controller takes; null where the board has none. */
  ingressClass: string | null
  /** Oldest first. */
  events: readonly KubeEvent[]
  /** Keys of what pods name, by `ConfigMap/name` or `Secret/name`; null where there is none. What is not in it was not looked up. */
  named: ReadonlyMap<string, readonly string[] | null>
  /** Last lines of containers that ended, by `pod/container`. */
  logs: ReadonlyMap<string, string>
  /** When it was looked, in milliseconds. */
  now: number
}

export const emptyNamespace: NamespaceContents = {
  pods: [],
  workloads: [],
  replaced: { pods: [], workloads: [] },
  labels: [],
  services: [],
  ingresses: [],
  claims: [],
  others: [],
  mounted: new Set(),
  ingressClass: null,
  events: [],
  named: new Map(),
  logs: new Map(),
  now: 0,
}

/** The outermost owner that is there, such as the Deployment of a pod's ReplicaSet: what the player wrote. */
export function rootOf(object: KubeObject, workloads: readonly KubeObject[]): string {
  let name = nameOf(object)
  let current: KubeObject | undefined = object
  // Owner references are the player's to write: they may form a ring.
  for (let depth = 0; current && depth < 5; depth += 1) {
    name = nameOf(current)
    const uids: (string | undefined)[] = (current.metadata.ownerReferences ?? []).map((owner) => owner.uid)
    current = workloads.find((one) => uids.includes(one.metadata.uid))
  }
  return name
}

/** The objects of `from`, and those that they own, over any number of steps. */
export function ownedBy<T extends KubeObject>(from: readonly KubeObject[], all: readonly T[]): T[] {
  const uids = new Set(from.map((one) => one.metadata.uid))
  const owned = new Set<T>()
  for (let grown = true; grown;) {
    grown = false
    for (const one of all) {
      if (owned.has(one) || !(one.metadata.ownerReferences ?? []).some(({ uid }) => uids.has(uid))) continue
      owned.add(one)
      uids.add(one.metadata.uid)
      grown = true
    }
  }
  return [...owned]
}

/** An empty selector selects nothing: its owner looks after the endpoints. */
export function matches(
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>> = {},
): boolean {
  const pairs = Object.entries(selector ?? {})
  return pairs.length > 0 && pairs.every(([key, value]) => labels[key] === value)
}

/** Of the claims that a pod mounts; an ephemeral volume's has the pod's name before its own. */
export function claimNamesOf({ metadata, spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap((one) =>
    one.ephemeral ? [`${metadata.name}-${one.name}`] : (one.persistentVolumeClaim?.claimName ?? []),
  )
}
