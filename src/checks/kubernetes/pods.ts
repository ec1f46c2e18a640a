import type { KubeObject } from '../../board/cluster/types.ts'
import { conditionOf, type ContainerStatus, type Pod } from './shapes.ts'

/** A container's status: `init` of one that has to end, `sidecar` of one of those that run beside the others. */
export interface StatusOf {
  one: ContainerStatus
  init: boolean
  sidecar: boolean
}

/** A program that was restarted this short ago may end again. */
const settlingMs = 10_000

export function isReady(pod: Pod): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false
  return pod.status?.phase === 'Succeeded' || conditionOf(pod.status?.conditions, 'Ready')?.status === 'True'
}

export function statusesOf({ spec, status }: Pod): StatusOf[] {
  const beside = new Set(
    spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name),
  )
  const of = (all: readonly ContainerStatus[] | undefined, init: boolean) =>
    (all ?? []).map((one) => ({ one, init, sidecar: init && beside.has(one.name) }))
  return [...of(status?.initContainerStatuses, true), ...of(status?.containerStatuses, false)]
}

/** Ready, though it ended an instant ago: whether it stays so is not known yet. */
export function isSettling(pod: Pod, now: number): boolean {
  return statusesOf(pod).some(({ one: { restartCount, state } }) => {
    const since = now - Date.parse(state?.running?.startedAt ?? '')
    return restartCount > 0 && since < settlingMs
  })
}

/** None of its containers has ever run. */
export function isUnstarted(pod: Pod): boolean {
  return statusesOf(pod).every(
    ({ one: { state, restartCount } }) => !state?.running && !state?.terminated && restartCount === 0,
  )
}

const keepers = /^(ReplicaSet|ReplicationController|StatefulSet|DaemonSet)$/

/** Ended for good, such as an evicted one: whoever keeps such pods makes others, and leaves it lying about. */
export function isLeftOver({ metadata, status }: Pod): boolean {
  return status?.phase === 'Failed' && (metadata.ownerReferences ?? []).some(({ kind }) => keepers.test(kind))
}

/** An evicted pod, say, of whom a younger one has taken the place; nobody takes it away. */
export function isReplaced(pod: Pod, all: readonly Pod[]): boolean {
  if (!isLeftOver(pod)) return false
  const keepers = (pod.metadata.ownerReferences ?? []).map(({ uid }) => uid)
  return all.some(
    ({ metadata, status }) =>
      status?.phase !== 'Failed' &&
      metadata.ownerReferences?.some(({ uid }) => keepers.includes(uid)) === true,
  )
}

/** A pod that ends because its keeper wants it so, as in every rollout: it will soon be gone. */
export function isMakingRoom({ kind, metadata }: KubeObject): boolean {
  const isKept = metadata.ownerReferences?.some((owner) => keepers.test(owner.kind)) === true
  return kind === 'Pod' && isKept && (metadata.finalizers ?? []).length === 0
}
