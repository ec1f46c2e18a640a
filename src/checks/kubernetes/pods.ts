import { conditionOf, type ContainerStatus, type Pod } from './shapes.ts'

/** A program that was restarted this short ago may end again. */
const settlingMs = 10_000

export function isReady(pod: Pod): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false
  return pod.status?.phase === 'Succeeded' || conditionOf(pod.status?.conditions, 'Ready')?.status === 'True'
}

export function statusesOf({ status }: Pod): { one: ContainerStatus; init: boolean }[] {
  const of = (all: readonly ContainerStatus[] | undefined, init: boolean) =>
    (all ?? []).map((one) => ({ one, init }))
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
