import type { Budget } from '../../core/budget.ts'
import type { Owner } from '../../core/owner.ts'

/** An object as the API server gives it (JSON, times as RFC 3339 text), narrowed to what every kind has. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    uid?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    resourceVersion?: string
    generation?: number
    creationTimestamp?: string
    deletionTimestamp?: string
    finalizers?: string[]
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[]
  }
  [field: string]: unknown
}

export interface KindRef {
  /** Such as `v1`, `apps/v1`, `stable.example.org/v1`. */
  apiVersion: string
  /** Such as `ConfigMap`. */
  kind: string
}

export interface ListOptions {
  labelSelector?: string
  fieldSelector?: string
  /** Objects at most; 500 when not said. */
  items?: number
  /** JSON bytes at most over all pages; 16 MiB when not said. */
  bytes?: number
}

export interface ObjectList {
  items: KubeObject[]
  /** There are more than the bounds allow; what was read is given all the same. */
  truncated: boolean
}

/** An answer of HTTP, body bounded. */
export interface ProxyAnswer {
  status: number
  headers: Record<string, string>
  body: Buffer
  /** The body was longer than asked for. */
  truncated: boolean
}

/** How the world reaches Ingresses of one player. */
export interface IngressWay {
  /** What the player's host names end with, without a leading dot, such as `tara.play.example.org`. */
  suffix: string
  className: string
  /** Where the ingress controller listens: the only place that a check connects to. */
  address: string
  httpPort: number
  httpsPort: number
  /** In the addresses that people are shown. */
  publicHttpPort: number
  publicHttpsPort: number
  /** It listens where the server does, and names need not lead there. */
  onServer: boolean
}

/**
 * Reads one namespace of one player with the master's eyes. Everything in it is hostile: calls are bounded in bytes and time.
 * Throws `Inconclusive` for whatever is our side's fault (timeouts, refused credentials, 5xx), a kind that the cluster does not know too.
 */
export interface NamespaceReader {
  readonly cluster: string
  readonly namespace: string
  /** null where the cluster has no ingress. */
  readonly ingress: IngressWay | null
  /** null where there is none of that name. */
  get(kind: KindRef, name: string, signal: AbortSignal): Promise<KubeObject | null>
  list(kind: KindRef, options: ListOptions, signal: AbortSignal): Promise<ObjectList>
  /** The last lines of a container's log, at most 16 KiB; null where there is none (yet, or any more). */
  logs(
    pod: string,
    options: { container: string; previous?: boolean; lines?: number },
    signal: AbortSignal,
  ): Promise<string | null>
  /** GET through the API server's service proxy; null where Service or port is not there. Redirects are not followed. */
  viaService(
    to: { service: string; port: number | string; path: string; scheme?: 'http' | 'https' },
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<ProxyAnswer | null>
}

/** What a check sees of its player's workspace. */
export interface PlayerCluster {
  /** The player's namespace, or the one of an environment such as `staging`. Throws `Inconclusive` while it is not ready. */
  namespace(environment?: string): Promise<NamespaceReader>
}

/** One namespace of a workspace, as it should be. */
export interface NamespaceSpec extends Owner {
  /** `hunt-<slug>` or `hunt-<slug>-<environment>`. */
  name: string
  slug: string
  /** Empty for the main namespace. */
  environment: string
  budget: Budget
}

/** A namespace as its labels tell it. */
export interface FoundNamespace {
  name: string
  slug: string
  hunt: string
  /** null where an earlier version made it. */
  server: string | null
  terminating: boolean
}

export interface Credentials {
  token: string
  /** As the API server granted it. */
  expiresAt: Date
}

/** What is used of a namespace's quota, in the quota's own units, such as `limits.memory` 256Mi of 1Gi. */
export interface QuotaUse {
  resource: string
  used: string
  hard: string
}

/** One thing that the isolation probe tried. */
export interface ProbeResult {
  /** Stable, such as `list-other-namespace`. */
  id: string
  expected: 'refused' | 'allowed'
  ok: boolean
  /** What the cluster answered, in one line. */
  saw: string
}

/** One part of the board as `board check` tells it. */
export interface BoardFinding {
  part: string
  level: 'ok' | 'warning' | 'fault'
  message: string
}

/** One object that the hunt needs in the cluster, and what would happen to it. */
export interface PlannedChange {
  /** Such as `ClusterRole shambhala-player`. */
  name: string
  change: 'new' | 'changed' | 'same'
  /** YAML without what the API server adds; empty where there is none yet. */
  before: string
  after: string
}

/** What a removal came to so far. */
export interface Removal {
  /** It is really gone. */
  gone: boolean
  /** What keeps it. */
  blocking: string[]
  /** Off which objects finalizers were taken now, and which, since they held it up, such as `hunt-tara: Pod web: example.org/never`. */
  freed: string[]
}

/** A cluster with players' namespaces. Every verb is idempotent; `Inconclusive` when the cluster cannot be reached. */
export interface Cluster {
  readonly name: string
  /** Workspaces at most. */
  readonly capacity: number
  /** Throws `Inconclusive` where its API server does not answer, or does not know the master. */
  ping(signal: AbortSignal): Promise<void>
  /** Makes the namespace and all in it what it should be: looks at what is there and makes the rest. Not where it is another's. */
  ensure(spec: NamespaceSpec): Promise<void>
  /** Whether it is there and not being deleted. `Inconclusive` where it is another's. */
  holds(namespace: string, owner: Owner): Promise<boolean>
  /** Starts the deletion; tells whether it is really gone, and what blocks it. Another's stays, and the owner's own is gone. */
  remove(namespace: string, owner: Owner): Promise<Removal>
  /** A new token for the namespace's player, until `expiresAt` at most. Earlier ones stay valid until they expire or are revoked. */
  credentials(namespace: string, expiresAt: Date): Promise<Credentials>
  /** Ends every token of the namespace. */
  revoke(spec: NamespaceSpec): Promise<void>
  /** A kubeconfig (YAML) with one context for each namespace; the first is the current one. */
  kubeconfig(
    namespaces: readonly ({ name: string } & Owner)[],
    expiresAt: Date,
  ): Promise<{ text: string; expiresAt: Date }>
  /** Tries with the player's own credentials what must be refused and what must work. */
  probe(spec: NamespaceSpec, signal: AbortSignal): Promise<ProbeResult[]>
  quota(namespace: string): Promise<QuotaUse[]>
  reader(namespace: string, slug: string): NamespaceReader
  /** Namespaces of a hunt, on whichever server, or of a server, whatever hunt it runs. */
  namespaces(of: { hunt: string } | { server: string }): Promise<FoundNamespace[]>
  /** Calls back with a namespace in which something moved, until closed. Heals itself; calls `lost` when it cannot watch for long. */
  watch(moved: (namespace: string) => void): { close(): void }
  check(): Promise<BoardFinding[]>
  /** What `install` would change of the cluster's roles and admission policies. */
  plan(): Promise<PlannedChange[]>
  install(): Promise<void>
  /** A kubeconfig for the account that `install` made for the master. */
  masterKubeconfig(): Promise<{ text: string; expiresAt: Date }>
  close(): void
}
