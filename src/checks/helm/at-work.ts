import type { NamespaceReader } from '../../board/cluster/types.ts'
import { changedAt } from '../kubernetes/changed.ts'
import { diagnose } from '../kubernetes/diagnose.ts'
import { gather, type Part } from '../kubernetes/gather.ts'
import { belongingTo } from '../kubernetes/related.ts'
import { isReady } from '../kubernetes/pods.ts'
import { conditionOf, type Pod } from '../kubernetes/shapes.ts'

/** Helm writes, or what it waits for moves, more often than this. */
const quietMs = 15_000
/** How long helm waits for something when it is not told otherwise. */
const longestMs = 300_000
const parts: readonly Part[] = [
  ...(['pods', 'claims', 'events', 'deployments', 'replicaSets'] as const),
  ...(['statefulSets', 'daemonSets', 'jobs'] as const),
]

/**
 * Whether somebody may still be running helm on a release that is pending since `since` (milliseconds): a helm that was killed leaves
 * it so for ever. Something has moved a moment ago, or a pod is coming up or at work on a hook, for as long as helm would wait.
 */
export async function isAtWork(
  reader: NamespaceReader,
  since: number,
  signal: AbortSignal,
): Promise<boolean> {
  const now = Date.now()
  if (now - since < quietMs) return true
  const gathered = await gather(reader, parts, signal)
  const { pods, workloads } = gathered.contents
  const moved = Math.max(...[...pods, ...workloads].map((one) => changedAt(one, { status: true })), 0)
  if (now - moved < quietMs) return true
  if (now - Math.max(since, moved) > longestMs) return false
  return pods.some((pod) => {
    if (conditionOf(pod.status?.conditions, 'PodScheduled')?.status !== 'True') return false
    if (isHook(pod) && pod.status?.phase === 'Running') return true
    return !isReady(pod) && diagnose(belongingTo([pod], gathered)).every(({ heals }) => heals)
  })
}

function isHook({ metadata }: Pod): boolean {
  const isOfJob = metadata.ownerReferences?.some(({ kind }) => kind === 'Job') === true
  return isOfJob || metadata.annotations?.['helm.sh/hook'] !== undefined
}
