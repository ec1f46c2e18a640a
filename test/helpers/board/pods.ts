import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { CoreV1Api, type V1Pod } from '@kubernetes/client-node'
import { boardImages } from './images.ts'
import { applyObjects, connect, type PlainObject } from './objects.ts'
import { until } from '../until.ts'

/** A pod as one writes it, to be changed before it is made. */
export interface PlainPod extends PlainObject {
  metadata: { name: string; namespace: string; labels: Record<string, string> }
  spec: Record<string, unknown>
}

/** A namespace under Pod Security `restricted` that is deleted when the test ends, in its own time. */
export async function cleanNamespace(context: TestContext, kubeconfig: string): Promise<string> {
  const name = `t-${randomBytes(4).toString('hex')}`
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  await applyObjects(kubeconfig, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }])
  const api = connect(kubeconfig).makeApiClient(CoreV1Api)
  context.after(async () => {
    await api.deleteNamespace({ name })
  })
  return name
}

/** A pod that Pod Security `restricted` lets in; of the board's web image when no command is given. */
export function restrictedPod(namespace: string, name: string, command?: string[]): PlainPod {
  const image = command ? { image: boardImages.shell, command } : { image: boardImages.web }
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
  const ports = command ? [] : [{ name: 'http', containerPort: 8080 }]
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      automountServiceAccountToken: false,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'main', ...image, securityContext, ports }],
    },
  }
}

/** Makes the pod and returns it once `good` holds; throws with its status after `seconds`. */
export async function podThat(
  kubeconfig: string,
  pod: PlainPod,
  good: (pod: V1Pod) => boolean,
  seconds = 60,
): Promise<V1Pod> {
  const api = connect(kubeconfig).makeApiClient(CoreV1Api)
  const { namespace, name } = pod.metadata
  // The controller may not have made the new namespace's service account yet, without which there are no pods.
  await until(`the service account of ${namespace}`, seconds, () =>
    api.readNamespacedServiceAccount({ namespace, name: 'default' }).catch(() => null),
  )
  await applyObjects(kubeconfig, [pod])
  let seen: V1Pod | undefined
  const look = async () => (seen = await api.readNamespacedPod({ namespace, name }))
  return await until('a pod', seconds, look, good, 100).catch((error: unknown) => {
    const status = JSON.stringify(seen?.status, null, 2)
    throw new Error(`${namespace}/${name} is not as it should be:\n${status}`, { cause: error })
  })
}

export function isReady({ status }: V1Pod): boolean {
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false
}

/** Runs a shell script in a pod of its own to its end. */
export async function runInPod(
  kubeconfig: string,
  namespace: string,
  script: string,
): Promise<{ code: number; output: string }> {
  const name = `run-${randomBytes(4).toString('hex')}`
  // The shell stays the first process, which no signal from inside ends: as such, a command would outlive its own timeout.
  const command = ['sh', '-c', `${script}\nexit $?`]
  const pod = await podThat(kubeconfig, restrictedPod(namespace, name, command), ({ status }) =>
    ['Succeeded', 'Failed'].includes(status?.phase ?? ''),
  )
  const api = connect(kubeconfig).makeApiClient(CoreV1Api)
  const output = await api.readNamespacedPodLog({ namespace, name })
  return { code: pod.status?.containerStatuses?.[0]?.state?.terminated?.exitCode ?? -1, output }
}
