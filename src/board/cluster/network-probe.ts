import { setTimeout as sleep } from 'node:timers/promises'
import { canary, canaryAddresses } from './canary.ts'
import { readReached, scriptFor, targetsOf, type Target } from './network-targets.ts'
import type { ProbeTools } from './probe-tools.ts'
import type { KubeObject, NamespaceSpec, ProbeResult } from './types.ts'

const podKind = { apiVersion: 'v1', kind: 'Pod' }
const name = 'isolation-probe'
const patienceMs = 90_000
const lookMs = 500

/**
 * A pod in the namespace that tries what its policies must keep it from, in both families: the cluster's canary (which stands for
 * another workspace) at every address that it has, the metadata addresses of clouds, the API server, the node. Without `probeImage`
 * nothing can be tried.
 */
export async function probeNetwork(
  tools: ProbeTools,
  spec: NamespaceSpec,
  signal: AbortSignal,
): Promise<ProbeResult[]> {
  const { connection, objects, settings } = tools
  if (settings.probeImage === undefined) return []
  // What the organizer accepted by an explicit setting is told, not judged.
  const accepted = settings.networkPolicies === 'unenforced'
  const neighbour = await canaryAddresses(objects, signal).catch((error: unknown) => {
    if (accepted) return []
    throw error
  })
  const targets = targetsOf(connection.server, neighbour, spec)
  const log = await logOf(tools, podFor(spec.name, settings.probeImage, targets), signal)
  const reached = log === undefined ? undefined : readReached(log)
  return targets.map((target) => {
    const { id, expected, told } = target
    if (!reached) {
      const saw =
        log === undefined
          ? 'the probe’s pod did not end in time'
          : 'nc of the probe’s image cannot even reach its own pod'
      return { id, expected, ok: accepted, saw }
    }
    const address = reached.get(id)
    const ok = (address !== undefined) === (expected === 'allowed')
    const saw = address === undefined ? 'it was not reached' : `it was reached at ${address}`
    return {
      id,
      expected,
      ok: ok || accepted || told !== undefined,
      saw: !ok && told !== undefined ? `${saw}: ${told}` : saw,
    }
  })
}

/** What a pod prints until it ends; undefined where it does not in time. The pod is removed. */
async function logOf(
  { connection, objects }: ProbeTools,
  pod: KubeObject,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { namespace = '' } = pod.metadata
  const look = () => objects.get(podKind, name, namespace, signal)
  const start = Date.now()
  await objects.remove(podKind, name, namespace)
  while (Date.now() < start + patienceMs && (await look()) !== null)
    await sleep(lookMs, undefined, { signal })
  const until = Date.now() + patienceMs
  await objects.apply(pod)
  try {
    while (Date.now() < until) {
      const { phase } = ((await look())?.['status'] ?? {}) as { phase?: string }
      if (phase === 'Succeeded')
        return await connection.text(`/api/v1/namespaces/${namespace}/pods/${name}/log`, {
          accept: '*/*',
          query: { limitBytes: 16_384 },
        })
      await sleep(lookMs, undefined, { signal })
    }
    return undefined
  } finally {
    await objects.remove(podKind, name, namespace)
  }
}

function podFor(namespace: string, image: string, targets: readonly Target[]): KubeObject {
  return {
    ...podKind,
    metadata: { name, namespace },
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: patienceMs / 1000,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [besideCanary] } },
      containers: [
        {
          name,
          image,
          command: ['sh', '-c', scriptFor(targets)],
          env: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } }],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  }
}

// Pods of one node are neighbours on one link, where more may be open than from afar.
const besideCanary = {
  weight: 100,
  podAffinityTerm: {
    topologyKey: 'kubernetes.io/hostname',
    namespaces: [canary.namespace],
    labelSelector: { matchLabels: { app: canary.name } },
  },
}
