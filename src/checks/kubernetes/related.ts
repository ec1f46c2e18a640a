import type { KubeObject } from '../../board/cluster/types.ts'
import type { Gathered, Part } from './gather.ts'
import { claimNamesOf, matches, ownedBy, type NamespaceContents } from './namespace-contents.ts'
import { isReplaced } from './pods.ts'
import type { Claim, Ingress, Pod, Service, Workload } from './shapes.ts'

const none: readonly Part[] = []
const hasList =
  /^(Pod|Service|Ingress|PersistentVolumeClaim|Deployment|ReplicaSet|ReplicationController|StatefulSet|DaemonSet|Job|CronJob)$/
const all: readonly Part[] = [
  ...(['pods', 'deployments', 'replicaSets', 'statefulSets', 'daemonSets', 'jobs'] as const),
  ...(['services', 'slices', 'claims', 'events'] as const),
]

/** Which lists the facts of a kind are made of. Kinds that are not here may own workloads, such as an operator's. */
const partsOf: Readonly<Record<string, readonly Part[]>> = {
  'v1/ConfigMap': none,
  'v1/Secret': none,
  'v1/ServiceAccount': none,
  'networking.k8s.io/v1/NetworkPolicy': none,
  'rbac.authorization.k8s.io/v1/Role': none,
  'rbac.authorization.k8s.io/v1/RoleBinding': none,
  'v1/PersistentVolumeClaim': ['pods', 'events'],
  'v1/Pod': ['pods', 'events', 'claims'],
  'apps/v1/Deployment': ['pods', 'replicaSets', 'events', 'claims'],
  'apps/v1/ReplicaSet': ['pods', 'events', 'claims'],
  'apps/v1/StatefulSet': ['pods', 'events', 'claims'],
  'apps/v1/DaemonSet': ['pods', 'events', 'claims'],
  'batch/v1/Job': ['pods', 'events', 'claims'],
  'batch/v1/CronJob': ['pods', 'jobs', 'events', 'claims'],
  'v1/Service': all,
  'networking.k8s.io/v1/Ingress': all,
  'policy/v1/PodDisruptionBudget': ['pods', 'events'],
  'autoscaling/v2/HorizontalPodAutoscaler': ['events'],
  'autoscaling/v1/HorizontalPodAutoscaler': ['events'],
}

export function partsFor({ apiVersion, kind }: { apiVersion: string; kind: string }): readonly Part[] {
  return partsOf[`${apiVersion}/${kind}`] ?? all
}

/** What of the namespace belongs to these objects: what they own, what they select, where they lead. */
export function belongingTo(objects: readonly KubeObject[], { contents }: Gathered): NamespaceContents {
  const from = (kind: string) => objects.filter((one) => one.kind === kind)
  const ingresses = from('Ingress') as Ingress[]
  const led = ingresses.flatMap(namesOf)
  const services = [
    ...(from('Service') as Service[]),
    ...contents.services.filter(({ metadata }) => led.includes(metadata.name)),
  ]
  const isSelected = (labels: Record<string, string> | undefined) =>
    services.some(({ spec }) => matches(spec.selector, labels))
  const selected = contents.pods.filter(({ metadata }) => isSelected(metadata.labels))
  const templates = contents.workloads.filter(({ spec }) => isSelected(spec.template?.metadata?.labels))
  const workloads = distinct([
    ...(objects.filter(isWorkload) as Workload[]),
    ...templates,
    ...ownedBy([...objects, ...templates], contents.workloads),
  ])
  const pods = distinct([
    ...(from('Pod') as Pod[]),
    ...selected,
    ...ownedBy([...objects, ...workloads], contents.pods),
  ]).filter((pod, _, all) => !isReplaced(pod, all))
  const claims = claimsOf(pods, contents.claims)
  const uids = new Set(
    [...objects, ...services, ...workloads, ...pods, ...claims].map((one) => one.metadata.uid),
  )
  return {
    ...contents,
    pods,
    workloads,
    services,
    ingresses,
    claims: distinct([...(from('PersistentVolumeClaim') as Claim[]), ...claims]),
    others: objects.filter((one) => !hasList.test(one.kind)),
    events: contents.events.filter(({ involvedObject }) => uids.has(involvedObject.uid)),
  }
}

function claimsOf(pods: readonly Pod[], claims: readonly Claim[]): Claim[] {
  const names = pods.flatMap(claimNamesOf)
  return claims.filter(({ metadata }) => names.includes(metadata.name))
}

function namesOf({ spec }: Ingress): string[] {
  const backends = spec.rules?.flatMap(({ http }) => http?.paths?.map(({ backend }) => backend) ?? []) ?? []
  return [spec.defaultBackend, ...backends].flatMap((one) => one?.service?.name ?? [])
}

function isWorkload({ kind, apiVersion }: KubeObject): boolean {
  return (
    (/^(apps|batch)\//.test(apiVersion) &&
      /^(Deployment|ReplicaSet|StatefulSet|DaemonSet|Job|CronJob)$/.test(kind)) ||
    (apiVersion === 'v1' && kind === 'ReplicationController')
  )
}

function distinct<T extends KubeObject>(objects: readonly T[]): T[] {
  return [...new Map(objects.map((one) => [one.metadata.uid, one])).values()]
}
