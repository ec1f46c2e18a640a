import type { KindRef, KubeObject, NamespaceReader } from '../../board/cluster/types.ts'
import { withoutReplaced } from './current.ts'
import { referencesOf } from './diagnose/references.ts'
import { sortEvents } from './events.ts'
import { isReady, isSettling, isUnstarted, statusesOf } from './pods.ts'
import { claimNamesOf, emptyNamespace, type NamespaceContents } from './namespace-contents.ts'
import type { Claim, EndpointSlice, Ingress, KubeEvent, Pod, Service, Workload } from './shapes.ts'
import { lastLines } from './words.ts'

export const kinds = {
  pods: { apiVersion: 'v1', kind: 'Pod' },
  services: { apiVersion: 'v1', kind: 'Service' },
  claims: { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
  events: { apiVersion: 'v1', kind: 'Event' },
  slices: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
  ingresses: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
  deployments: { apiVersion: 'apps/v1', kind: 'Deployment' },
  replicaSets: { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  statefulSets: { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  daemonSets: { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  jobs: { apiVersion: 'batch/v1', kind: 'Job' },
  cronJobs: { apiVersion: 'batch/v1', kind: 'CronJob' },
} as const satisfies Record<string, KindRef>

export type Part = keyof typeof kinds
const workloadParts = [
  'deployments',
  'replicaSets',
  'statefulSets',
  'daemonSets',
  'jobs',
  'cronJobs',
] as const

/** Bounds of one list: a namespace's quota lets a player have far less. */
const bounds = { items: 500, bytes: 8 * 2 ** 20 }
const eventBounds = { items: 1000, bytes: 8 * 2 ** 20 }
const mostNamed = 20
const mostLogs = 5

export interface Gathered {
  contents: NamespaceContents
  slices: readonly EndpointSlice[]
}

/** Lists these parts of a namespace, all at once. */
export async function gather(
  reader: NamespaceReader,
  parts: readonly Part[],
  signal: AbortSignal,
): Promise<Gathered> {
  const list = async (part: Part): Promise<KubeObject[]> => {
    if (!parts.includes(part)) return []
    const options = part === 'events' ? eventBounds : bounds
    return (await reader.list(kinds[part], options, signal)).items
  }
  const [pods, services, claims, seen, slices, ingresses, ...workloads] = await Promise.all([
    ...(['pods', 'services', 'claims', 'events', 'slices', 'ingresses'] as const).map(list),
    ...workloadParts.map(list),
  ])
  const {
    pods: podsThere,
    workloads: made,
    replaced,
  } = withoutReplaced((pods ?? []) as Pod[], workloads.flat() as Workload[])
  const contents: NamespaceContents = {
    ...emptyNamespace,
    pods: podsThere,
    services: (services ?? []) as Service[],
    claims: (claims ?? []) as Claim[],
    events: sortEvents((seen ?? []) as KubeEvent[]),
    ingresses: (ingresses ?? []) as Ingress[],
    workloads: made,
    replaced,
    ingressClass: reader.ingress?.className ?? null,
    mounted: new Set(podsThere.flatMap(claimNamesOf)),
    labels: [...podsThere, ...made.flatMap(({ spec }) => spec.template ?? [])].map(
      ({ metadata }) => metadata?.labels ?? {},
    ),
    named: new Map(parts.includes('claims') ? [['PersistentVolumeClaim', []]] : []),
    now: Date.now(),
  }
  return { contents, slices: slices ?? [] }
}

/** Looks up what only pods in trouble need: what they name, and the last lines of what ended. */
export async function lookCloser(
  contents: NamespaceContents,
  reader: NamespaceReader,
  signal: AbortSignal,
): Promise<NamespaceContents> {
  const troubled = contents.pods.filter((pod) => !isReady(pod) || isSettling(pod, contents.now))
  const [named, logs] = await Promise.all([
    readNamed(troubled.filter(isUnstarted), reader, signal),
    readLogs(troubled, reader, signal),
  ])
  return { ...contents, named: new Map([...contents.named, ...named]), logs }
}

async function readNamed(
  pods: readonly Pod[],
  reader: NamespaceReader,
  signal: AbortSignal,
): Promise<NamespaceContents['named']> {
  const wanted = new Map(pods.flatMap(referencesOf).map((one) => [`${one.kind}/${one.name}`, one]))
  const read = [...wanted].slice(0, mostNamed).map(async ([place, { kind, name }]) => {
    const object = await reader.get({ apiVersion: 'v1', kind }, name, signal)
    return [place, object && keysOf(object)] as const
  })
  return new Map(await Promise.all(read))
}

function keysOf(object: KubeObject): string[] {
  return [object['data'], object['binaryData']].flatMap((one) => Object.keys(one ?? {}))
}

/** Logs only make the words richer: a node that gives none does not stop the diagnosis. */
async function readLogs(
  pods: readonly Pod[],
  reader: NamespaceReader,
  signal: AbortSignal,
): Promise<NamespaceContents['logs']> {
  const ended = pods.flatMap((pod) =>
    statusesOf(pod)
      .filter(({ one: { state, lastState, restartCount } }) => {
        const last = state?.terminated ?? lastState?.terminated
        return last && (last.exitCode !== 0 || restartCount > 0)
      })
      .map(({ one }) => ({
        pod: pod.metadata.name,
        container: one.name,
        previous: one.state?.running !== undefined,
      })),
  )
  const read = ended.slice(0, mostLogs).map(async ({ pod, container, previous }) => {
    const log = await reader.logs(pod, { container, previous, lines: 10 }, signal).catch(() => null)
    return [`${pod}/${container}`, lastLines(log ?? '')] as const
  })
  return new Map(await Promise.all(read))
}
