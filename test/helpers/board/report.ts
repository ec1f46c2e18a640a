import {
  CoreV1Api,
  PatchStrategy,
  setHeaderOptions,
  V1Binding,
  V1ObjectMeta,
  V1ObjectReference,
  type V1Pod,
} from '@kubernetes/client-node'
import type { TestNamespace } from '../namespace.ts'
import { until } from '../until.ts'
import { connect } from './objects.ts'

function bound(pod: string): V1Binding {
  const metadata = Object.assign(new V1ObjectMeta(), { name: pod })
  const target = Object.assign(new V1ObjectReference(), { kind: 'Node', name: 'by-hand' })
  return Object.assign(new V1Binding(), { metadata, target })
}

/**
 * No node is here: what its kubelet would report of each pod is written by hand, of pods that are bound first. The scheduler
 * keeps trying the others, and would write over it that it finds no node.
 */
export async function report(
  player: TestNamespace,
  count: number,
  status: object,
  which: (pod: V1Pod) => boolean = () => true,
): Promise<void> {
  const api = connect(player.kubeconfig).makeApiClient(CoreV1Api)
  const { name: namespace } = player
  const list = () => api.listNamespacedPod({ namespace })
  const pods = await until(`${count} pods`, 20, list, ({ items }) => items.length === count)
  const merged = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
  for (const { metadata, spec } of pods.items.filter(which)) {
    const name = metadata?.name ?? ''
    if (spec?.nodeName === undefined)
      await api.createNamespacedPodBinding({ name, namespace, body: bound(name) })
    await api.patchNamespacedPodStatus({ namespace, name, body: { status } }, merged)
  }
}

export const digest = `sha256:${'a'.repeat(64)}`
export const container = {
  name: 'main',
  image: 'board.local/shell:1',
  imageID: `board.local/shell@${digest}`,
  ready: true,
  restartCount: 0,
  state: { running: { startedAt: new Date().toISOString() } },
}
export const running = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True' }],
  containerStatuses: [container],
}
