import {
  CoreV1Api,
  PatchStrategy,
  setHeaderOptions,
  V1Binding,
  V1ObjectMeta,
  V1ObjectReference,
} from '@kubernetes/client-node'
import { until } from '../until.ts'
import { connect } from './objects.ts'

/**
 * Writes what a kubelet would report of a namespace's pods, once there are so many: the control plane of the tests has no node.
 * They are bound first, since the scheduler keeps writing over others that it finds no node.
 */
export async function reportPods(
  kubeconfig: string,
  namespace: string,
  count: number,
  status: object,
): Promise<void> {
  const api = connect(kubeconfig).makeApiClient(CoreV1Api)
  const list = () => api.listNamespacedPod({ namespace })
  const pods = await until(`${count} pods`, 20, list, ({ items }) => items.length === count)
  const merged = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
  for (const { metadata, spec } of pods.items) {
    const name = metadata?.name ?? ''
    if (spec?.nodeName === undefined)
      await api.createNamespacedPodBinding({ name, namespace, body: boundTo(name) })
    await api.patchNamespacedPodStatus({ namespace, name, body: { status } }, merged)
  }
}

function boundTo(pod: string): V1Binding {
  const metadata = Object.assign(new V1ObjectMeta(), { name: pod })
  const target = Object.assign(new V1ObjectReference(), { kind: 'Node', name: 'by-hand' })
  return Object.assign(new V1Binding(), { metadata, target })
}

/** Of a pod with one container `main`. */
export function podStatus({
  ready = false,
  restarts = 0,
  state = {},
  lastState = {},
}: {
  ready?: boolean
  restarts?: number
  state?: object
  lastState?: object
}): object {
  return {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    containerStatuses: [
      {
        name: 'main',
        image: 'board.local/shell:1',
        imageID: `board.local/shell@sha256:${'a'.repeat(64)}`,
        ready,
        restartCount: restarts,
        state,
        lastState,
      },
    ],
  }
}

export const readyPod = podStatus({ ready: true, state: { running: { startedAt: '2020-01-01T00:00:00Z' } } })
