import type { KubeObject } from '../../board/cluster/types.ts'
import { isMakingRoom, isReady } from './pods.ts'
import {
  conditionOf,
  type Autoscaler,
  type Claim,
  type Condition,
  type DisruptionBudget,
  type EndpointSlice,
  type Ingress,
  type Pod,
  type Route,
  type Service,
  type Workload,
} from './shapes.ts'

/** `going`: not ready, but on its way there without anybody's doing. */
export type Readiness = 'ready' | 'going' | 'stuck'

type Judge = (object: KubeObject, slices: readonly EndpointSlice[]) => Readiness

/** Whether one object does its work; what is being deleted does not. */
export function readinessOf(object: KubeObject, slices: readonly EndpointSlice[]): Readiness {
  if (object.metadata.deletionTimestamp !== undefined) return isMakingRoom(object) ? 'going' : 'stuck'
  const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : ''
  return (judges[`${group}/${object.kind}`] ?? byCondition)(object, slices)
}

const toPod: Judge = (object) => {
  const pod = object as Pod
  if (isReady(pod)) return 'ready'
  return pod.status?.phase === 'Failed' ? 'stuck' : 'going'
}

const toDeployment: Judge = (object) => {
  const { spec, status = {}, metadata } = object as Workload
  const wanted = spec.replicas ?? 1
  if (wanted === 0) return 'stuck'
  const seen = isObserved(status.observedGeneration, metadata.generation)
  const [updated, available] = [status.updatedReplicas ?? 0, status.availableReplicas ?? 0]
  if (seen && updated >= wanted && available >= wanted && (status.replicas ?? 0) <= updated) return 'ready'
  if (spec.paused === true) return 'stuck'
  const late = seen && conditionOf(status.conditions, 'Progressing')?.reason === 'ProgressDeadlineExceeded'
  return late ? 'stuck' : 'going'
}

const toStatefulSet: Judge = (object) => {
  const { spec, status = {}, metadata } = object as Workload
  const wanted = spec.replicas ?? 1
  if (wanted === 0) return 'stuck'
  const { type = 'RollingUpdate', rollingUpdate } = spec.updateStrategy ?? {}
  // With OnDelete and behind the partition, old pods are what was asked for.
  const toUpdate = type === 'RollingUpdate' ? Math.max(0, wanted - (rollingUpdate?.partition ?? 0)) : 0
  const updated = status.currentRevision === status.updateRevision ? wanted : (status.updatedReplicas ?? 0)
  const seen = isObserved(status.observedGeneration, metadata.generation)
  return seen && updated >= toUpdate && (status.readyReplicas ?? 0) >= wanted ? 'ready' : 'going'
}

const toDaemonSet: Judge = (object) => {
  const { status = {}, metadata } = object as Workload
  if (!isObserved(status.observedGeneration, metadata.generation)) return 'going'
  const wanted = status.desiredNumberScheduled ?? 0
  if (wanted === 0) return 'stuck'
  const updated = status.updatedNumberScheduled ?? 0
  return updated >= wanted && (status.numberAvailable ?? 0) >= wanted ? 'ready' : 'going'
}

const toReplicaSet: Judge = (object) => {
  const { spec, status = {}, metadata } = object as Workload
  const wanted = spec.replicas ?? 1
  if (wanted === 0) return 'stuck'
  const seen = isObserved(status.observedGeneration, metadata.generation)
  return seen && (status.readyReplicas ?? 0) >= wanted ? 'ready' : 'going'
}

const toJob: Judge = (object) => {
  const { spec, status = {} } = object as Workload
  if (conditionOf(status.conditions, 'Complete')?.status === 'True') return 'ready'
  const failed = conditionOf(status.conditions, 'Failed')?.status === 'True'
  return failed || spec.suspend === true ? 'stuck' : 'going'
}

const toCronJob: Judge = (object) => ((object as Workload).spec.suspend === true ? 'stuck' : 'ready')

const toService: Judge = (object, slices) => {
  const { spec, metadata } = object as Service
  if (spec.type === 'ExternalName') return 'ready'
  const own = slices.filter((one) => one.metadata.labels?.['kubernetes.io/service-name'] === metadata.name)
  const endpoints = own.flatMap((one) => one.endpoints ?? [])
  // Kubernetes counts an endpoint that says nothing as ready.
  return endpoints.some(({ conditions }) => conditions?.ready !== false) ? 'ready' : 'going'
}

const toClaim: Judge = (object) => {
  const phase = (object as Claim).status?.phase
  return phase === 'Bound' ? 'ready' : phase === 'Lost' ? 'stuck' : 'going'
}

const toIngress: Judge = (object) =>
  ((object as Ingress).status?.loadBalancer?.ingress ?? []).length > 0 ? 'ready' : 'going'

const toAutoscaler: Judge = (object) => {
  const { conditions } = (object as Autoscaler).status ?? {}
  const holds = (type: string) => conditionOf(conditions, type)?.status === 'True'
  return holds('AbleToScale') && holds('ScalingActive') ? 'ready' : 'going'
}

const toDisruptionBudget: Judge = (object) => {
  const { status = {}, metadata } = object as DisruptionBudget
  const seen = isObserved(status.observedGeneration, metadata.generation)
  return seen && (status.expectedPods ?? 0) > 0 ? 'ready' : 'going'
}

/** Each Gateway that it names has to say that it takes it; what stands in a status may be anybody's. */
const toRoute: Judge = (object) => (isTaken(object) ? 'ready' : 'going')

export function isTaken({ spec, status }: Route): boolean {
  const parents = parentsOf(status)
  const wanted = Array.isArray(spec?.parentRefs) ? spec.parentRefs.length : 1
  return parents.length >= Math.max(1, wanted) && parents.every((one) => refusalOf(one) === undefined)
}

type Parent = { conditions?: Condition[] } | null

export function parentsOf(status: Route['status']): Parent[] {
  return Array.isArray(status?.parents) ? status.parents : []
}

/** What a Gateway has against a route; an empty condition where it has said nothing yet. */
export function refusalOf(parent: Parent): Condition | undefined {
  const conditions = Array.isArray(parent?.conditions) ? parent.conditions : []
  const accepted = conditionOf(conditions, 'Accepted')
  if (accepted?.status !== 'True') return accepted ?? { type: 'Accepted', status: 'Unknown' }
  const resolved = conditionOf(conditions, 'ResolvedRefs')
  return resolved?.status === 'False' ? resolved : undefined
}

/** The first that is there tells; a Gateway has the last of them. */
const usual = ['Ready', 'Available', 'Programmed']

/** Of a custom resource anything may be written where its conditions usually are. */
const byCondition: Judge = (object) => {
  const status = (object['status'] ?? {}) as { conditions?: unknown; observedGeneration?: unknown }
  const seen =
    typeof status.observedGeneration !== 'number' ||
    isObserved(status.observedGeneration, object.metadata.generation)
  if (!seen) return 'going'
  const conditions = Array.isArray(status.conditions) ? (status.conditions as (Condition | null)[]) : []
  const told = usual.map((type) => conditions.find((one) => one?.type === type)).find(Boolean)
  return !told || told.status === 'True' ? 'ready' : 'going'
}

function isObserved(observed: number | undefined, generation: number | undefined): boolean {
  return (observed ?? 0) >= (generation ?? 0)
}

const judges: Readonly<Record<string, Judge>> = {
  '/Pod': toPod,
  'apps/Deployment': toDeployment,
  'apps/StatefulSet': toStatefulSet,
  'apps/DaemonSet': toDaemonSet,
  'apps/ReplicaSet': toReplicaSet,
  '/ReplicationController': toReplicaSet,
  'batch/Job': toJob,
  'batch/CronJob': toCronJob,
  '/Service': toService,
  '/PersistentVolumeClaim': toClaim,
  'networking.k8s.io/Ingress': toIngress,
  'autoscaling/HorizontalPodAutoscaler': toAutoscaler,
  'policy/PodDisruptionBudget': toDisruptionBudget,
  'gateway.networking.k8s.io/HTTPRoute': toRoute,
  'gateway.networking.k8s.io/GRPCRoute': toRoute,
  'gateway.networking.k8s.io/TLSRoute': toRoute,
  'gateway.networking.k8s.io/TCPRoute': toRoute,
  'gateway.networking.k8s.io/UDPRoute': toRoute,
}
