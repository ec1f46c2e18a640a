import { Inconclusive } from '../../lib/errors.ts'
import type { Objects } from './objects.ts'
import type { KubeObject } from './types.ts'

const namespace = 'shambhala-canary'
const name = 'canary'
const labels = { 'app.kubernetes.io/managed-by': 'shambhala', app: name }

/** A Service that stands for another workspace's: the isolation probe must not reach it. */
export const canary = { namespace, name, host: `${name}.${namespace}.svc.cluster.local`, port: 8080 }

const podKind = { apiVersion: 'v1', kind: 'Pod' }
const podsAtMost = 4
const addressesAtMost = 8

export function canaryObjects(image: string): KubeObject[] {
  const common = {
    image,
    resources: { requests: { cpu: '5m', memory: '8Mi' }, limits: { memory: '32Mi' } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  }
  const container = {
    name,
    ...common,
    command: ['sh', '-c', `while true; do echo canary | nc -l -p ${canary.port}; done`],
    ports: [{ containerPort: canary.port }],
  }
  // The API server shows the addresses that policies know. A pod may have more, which nobody gave it: it tells those itself.
  const telling = {
    name: 'addresses',
    ...common,
    command: ['sh', '-c', 'cat /proc/net/if_inet6 >/dev/termination-log 2>/dev/null || true'],
  }
  const pod = {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    initContainers: [telling],
    containers: [container],
  }
  const selector = { app: name }
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels },
      spec: { selector: { matchLabels: selector }, template: { metadata: { labels }, spec: pod } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, labels },
      spec: { selector, ports: [{ port: canary.port }] },
    },
  ]
}

/**
 * Every address at which the canary listens, beside its name: of its Service and of its pods, in both families, also those that a
 * pod has without having been given them, of which link-local ones need an interface. Throws where it does not run.
 */
export async function canaryAddresses(objects: Objects, signal: AbortSignal): Promise<string[]> {
  const [service, pods] = await Promise.all([
    objects.get({ apiVersion: 'v1', kind: 'Service' }, name, namespace, signal),
    objects.list(podKind, { namespace, labelSelector: `app=${name}`, items: podsAtMost, signal }),
  ])
  const running = pods.items
    .map((pod) => (pod['status'] ?? {}) as PodStatus)
    .filter(({ phase }) => phase === 'Running')
  if (!service || running.length === 0)
    throw new Inconclusive(
      'the canary does not run, so that nothing proves that policies are enforced: see "board check"',
    )
  const { clusterIPs = [] } = (service['spec'] ?? {}) as { clusterIPs?: string[] }
  const own = running.flatMap(({ podIPs = [], initContainerStatuses = [] }) => [
    ...podIPs.map(({ ip }) => ip),
    ...initContainerStatuses.flatMap(({ state }) => addressesIn(state?.terminated?.message ?? '')),
  ])
  return [
    ...new Set([...clusterIPs.filter((ip) => ip !== 'None'), ...own.slice(0, addressesAtMost * podsAtMost)]),
  ]
}

interface PodStatus {
  phase?: string
  podIPs?: { ip: string }[]
  initContainerStatuses?: { state?: { terminated?: { message?: string } } }[]
}

/** Those of IPv6 in the kernel's own list, but for the loopback ones: 32 digits each, then the index, the prefix, the scope. */
export function addressesIn(list: string): string[] {
  return list.split('\n').flatMap((line) => {
    const [, digits, scope] = /^([0-9a-f]{32}) [0-9a-f]{2} [0-9a-f]{2} ([0-9a-f]{2}) /.exec(line) ?? []
    if (digits === undefined || scope === '10') return []
    return [
      digits
        .match(/.{4}/g)
        ?.map((group) => group.replace(/^0{1,3}/, ''))
        .join(':') ?? '',
    ]
  })
}
