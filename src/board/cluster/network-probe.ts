import { setTimeout as sleep } from 'node:timers/promises'
import { canary } from './canary.ts'
import type { ProbeTools } from './probe-tools.ts'
import type { KubeObject, NamespaceSpec, ProbeResult } from './types.ts'

const podKind = { apiVersion: 'v1', kind: 'Pod' }
const name = 'isolation-probe'
const patienceMs = 90_000
const tryMs = 1000

interface Target {
  id: string
  expected: 'refused' | 'allowed'
  host: string
  port: number
}

/**
 * A pod in the namespace that tries what its policies must keep it from: the cluster's canary (which stands for another
 * workspace's Service), the metadata addresses of clouds and the API server. Without `probeImage` nothing can be tried.
 */
export async function probeNetwork(
  { connection, objects, settings }: ProbeTools,
  spec: NamespaceSpec,
  signal: AbortSignal,
): Promise<ProbeResult[]> {
  if (settings.probeImage === undefined) return []
  const targets = targetsOf(connection.server, spec)
  await objects.remove(podKind, name, spec.name)
  await untilGone(spec.name)
  await objects.apply(podFor(spec.name, settings.probeImage, targets))
  try {
    const said = await outcome()
    return targets.map(({ id, expected }) => {
      const reached = said?.get(id)
      const ok = reached === undefined ? false : reached === (expected === 'allowed')
      const saw =
        reached === undefined
          ? 'the probe’s pod did not end in time'
          : reached
            ? 'it was reached'
            : 'it was not reached'
      // What the organizer accepted by an explicit setting is told, not judged.
      return { id, expected, ok: ok || settings.networkPolicies === 'unenforced', saw }
    })
  } finally {
    await objects.remove(podKind, name, spec.name)
  }

  async function outcome(): Promise<Map<string, boolean> | undefined> {
    const until = Date.now() + patienceMs
    while (Date.now() < until) {
      const pod = await objects.get(podKind, name, spec.name, signal)
      const { phase } = (pod?.['status'] ?? {}) as { phase?: string }
      if (phase === 'Succeeded') return readLog()
      await sleep(tryMs / 2, undefined, { signal })
    }
    return undefined
  }

  async function readLog(): Promise<Map<string, boolean>> {
    const text = await connection.text(`/api/v1/namespaces/${spec.name}/pods/${name}/log`, {
      accept: '*/*',
      query: { limitBytes: 4096 },
    })
    return new Map(
      text.split('\n').flatMap((line) => {
        const [id, word] = line.split(' ')
        return id && word ? [[id, word === 'reached'] satisfies [string, boolean]] : []
      }),
    )
  }

  async function untilGone(namespace: string): Promise<void> {
    const until = Date.now() + patienceMs
    while (Date.now() < until && (await objects.get(podKind, name, namespace, signal)) !== null)
      await sleep(tryMs / 2, undefined, { signal })
  }
}

function targetsOf(server: string, { budget }: NamespaceSpec): Target[] {
  const api = new URL(server)
  return [
    { id: 'reach-another-workspace', expected: 'refused', host: canary.host, port: canary.port },
    { id: 'reach-metadata', expected: 'refused', host: '169.254.169.254', port: 80 },
    {
      id: 'reach-the-api-server',
      expected: budget.egress.apiServer ? 'allowed' : 'refused',
      host: api.hostname,
      port: Number(api.port || 443),
    },
  ]
}

/** One line for each target: its id and whether a connection came about. `nc` is in every busybox. */
function podFor(namespace: string, image: string, targets: readonly Target[]): KubeObject {
  const lines = targets.map(
    ({ id, host, port }) =>
      `if timeout 3 nc -w 2 ${host} ${port} </dev/null >/dev/null 2>&1; then echo ${id} reached; else echo ${id} blocked; fi`,
  )
  return {
    ...podKind,
    metadata: { name, namespace },
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: patienceMs / 1000,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name,
          image,
          command: ['sh', '-c', lines.join('\n')],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  }
}
