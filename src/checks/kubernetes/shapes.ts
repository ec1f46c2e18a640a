import type { KubeObject } from '../../board/cluster/types.ts'

// The API server validates its own kinds: what is present has these types. Everything may be absent.

export interface Terminated {
  exitCode: number
  reason?: string
  message?: string
  finishedAt?: string
}

export interface ContainerState {
  waiting?: { reason?: string; message?: string }
  running?: { startedAt?: string }
  terminated?: Terminated
}

export interface ContainerStatus {
  name: string
  image: string
  imageID: string
  ready: boolean
  restartCount: number
  started?: boolean
  state?: ContainerState
  lastState?: ContainerState
}

export interface Condition {
  type: string
  status: string
  reason?: string
  message?: string
}

interface Ref {
  name?: string
  key?: string
  optional?: boolean
}

export interface Probe {
  httpGet?: { path?: string; port: number | string }
  tcpSocket?: { port: number | string }
  grpc?: { port: number }
  exec?: { command?: string[] }
}

export interface Container {
  name: string
  /** `Always` makes an init container one that runs beside the others. */
  restartPolicy?: string
  image?: string
  env?: { name: string; valueFrom?: { configMapKeyRef?: Ref; secretKeyRef?: Ref } }[]
  envFrom?: { configMapRef?: Ref; secretRef?: Ref }[]
  ports?: { name?: string; containerPort: number }[]
  readinessProbe?: Probe
  startupProbe?: Probe
  resources?: { limits?: Record<string, string>; requests?: Record<string, string> }
}

interface VolumeSource {
  name?: string
  secretName?: string
  optional?: boolean
  items?: { key: string }[]
}

export interface Volume {
  name: string
  configMap?: VolumeSource
  secret?: VolumeSource
  persistentVolumeClaim?: { claimName: string }
  ephemeral?: object
  projected?: { sources?: { configMap?: VolumeSource; secret?: VolumeSource }[] }
}

export interface PodSpec {
  containers: Container[]
  initContainers?: Container[]
  volumes?: Volume[]
  nodeSelector?: Record<string, string>
}

export interface Pod extends KubeObject {
  spec: PodSpec
  status?: {
    phase?: string
    reason?: string
    message?: string
    conditions?: Condition[]
    initContainerStatuses?: ContainerStatus[]
    containerStatuses?: ContainerStatus[]
  }
}

/** Deployment, StatefulSet, DaemonSet, ReplicaSet, Job: what they have in common. */
export interface Workload extends KubeObject {
  spec: {
    replicas?: number
    suspend?: boolean
    paused?: boolean
    parallelism?: number
    strategy?: { type?: string }
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } }
    template?: { metadata?: { labels?: Record<string, string> }; spec: PodSpec }
  }
  status?: {
    observedGeneration?: number
    replicas?: number
    updatedReplicas?: number
    readyReplicas?: number
    availableReplicas?: number
    currentRevision?: string
    updateRevision?: string
    desiredNumberScheduled?: number
    updatedNumberScheduled?: number
    numberAvailable?: number
    active?: number
    conditions?: Condition[]
  }
}

export interface Service extends KubeObject {
  spec: {
    type?: string
    selector?: Record<string, string>
    ports?: { name?: string; port: number; targetPort?: number | string }[]
  }
}

export interface EndpointSlice extends KubeObject {
  endpoints?: { conditions?: { ready?: boolean } }[] | null
}

export interface Claim extends KubeObject {
  spec: { storageClassName?: string; volumeName?: string }
  status?: { phase?: string }
}

interface Backend {
  service?: { name: string }
}

export interface Ingress extends KubeObject {
  spec: {
    ingressClassName?: string
    defaultBackend?: Backend
    rules?: { http?: { paths?: { backend: Backend }[] } }[]
  }
  status?: { loadBalancer?: { ingress?: unknown[] } }
}

export interface Autoscaler extends KubeObject {
  spec: { scaleTargetRef?: { kind?: string; name?: string } }
  status?: { conditions?: Condition[] }
}

export interface DisruptionBudget extends KubeObject {
  spec: { selector?: { matchLabels?: Record<string, string> } }
  status?: { observedGeneration?: number; expectedPods?: number; conditions?: Condition[] }
}

/** HTTPRoute and its sisters: what a player wrote may be of a version that is not known here. */
export interface Route extends KubeObject {
  spec?: { parentRefs?: { name?: string }[] }
  status?: { parents?: { conditions?: Condition[] }[] }
}

export interface KubeEvent extends KubeObject {
  involvedObject: { kind?: string; name?: string; uid?: string; fieldPath?: string }
  reason?: string
  message?: string
  type?: string
  count?: number
  series?: { count?: number; lastObservedTime?: string } | null
  firstTimestamp?: string | null
  lastTimestamp?: string | null
  eventTime?: string | null
}

export function conditionOf(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((one: Condition | null) => one?.type === type)
}
