import type { Problem } from '../../../core/problem.ts'
import { isLeftOver, isReady, isSettling, isUnstarted, statusesOf } from '../pods.ts'
import { rootOf, type NamespaceContents } from '../namespace-contents.ts'
import { conditionOf, type KubeEvent, type Pod } from '../shapes.ts'
import { brief } from '../words.ts'
import { containerProblem, type Sight } from './container.ts'
import { problem } from './make.ts'
import { absent, missingReferences } from './references.ts'
import { schedulingProblem } from './scheduling.ts'

/** Why one pod is not ready; nothing where it is, or where it is leaving. */
export function podProblems(pod: Pod, contents: NamespaceContents): Problem[] {
  if (pod.metadata.deletionTimestamp !== undefined || (isReady(pod) && !isSettling(pod, contents.now)))
    return []
  const object = rootOf(pod, contents.workloads)
  const events = contents.events.filter(({ involvedObject }) => involvedObject.uid === pod.metadata.uid)
  const sight: Sight = { object, pod, contents, events }
  if (isThrownOut(pod)) return [evicted(pod, object)]
  if (isUnstarted(pod)) {
    const missing = [...missingReferences(pod, object, contents), ...missingClaims(pod, object, contents)]
    if (missing.length > 0) return missing
    const waits = schedulingProblem(pod, object)
    if (waits) return [waits]
  }
  const found = statusesOf(pod).flatMap((one) => containerProblem(sight, one) ?? [])
  if (found.length > 0) return found
  if (!isUnstarted(pod)) return [gateProblem(pod, object) ?? []].flat()
  return [mountProblem(object, events) ?? sandboxProblem(object, events) ?? []].flat()
}

/** By the node, whatever the program did: `Evicted`, `OutOfcpu`, `Terminated` at a shutdown, and their like. */
function isThrownOut({ status }: Pod): boolean {
  return status?.phase === 'Failed' && status.reason !== undefined && status.reason !== 'DeadlineExceeded'
}

function evicted(pod: Pod, object: string): Problem {
  const message = brief(pod.status?.message ?? pod.status?.reason)
  return problem(
    'evicted',
    object,
    {
      en: `${object}: the node threw out the pod ${pod.metadata.name}: ${message}`,
      fr: `${object} : le nœud a expulsé le pod ${pod.metadata.name} : ${message}`,
    },
    { pod: pod.metadata.name, message },
    // Its keeper makes another.
    { heals: isLeftOver(pod) },
  )
}

/** All of its containers are well, and yet something of its own asking keeps it from being ready. */
function gateProblem({ status, metadata }: Pod, object: string): Problem | null {
  const ready = conditionOf(status?.conditions, 'Ready')
  if (ready?.reason !== 'ReadinessGatesNotReady') return null
  const message = brief(ready.message)
  return problem(
    'readiness-failing',
    object,
    {
      en: `${object}: the pod ${metadata.name} runs, but a readiness gate that it asks for is not met: ${message}. Take spec.readinessGates away unless something sets that condition.`,
      fr: `${object} : le pod ${metadata.name} tourne, mais une readiness gate qu’il demande n’est pas remplie : ${message}. Retire spec.readinessGates si rien ne pose cette condition.`,
    },
    { pod: metadata.name, message },
  )
}

function missingClaims(pod: Pod, object: string, { claims, named }: NamespaceContents): Problem[] {
  if (!named.has('PersistentVolumeClaim')) return []
  const names = (pod.spec.volumes ?? []).flatMap((one) => one.persistentVolumeClaim?.claimName ?? [])
  return names
    .filter((name) => !claims.some(({ metadata }) => metadata.name === name))
    .map((name) => absent(object, 'PersistentVolumeClaim', name))
}

function mountProblem(object: string, events: readonly KubeEvent[]): Problem | null {
  const said = events
    .filter(({ reason }) => reason === 'FailedMount' || reason === 'FailedAttachVolume')
    .at(-1)?.message
  if (said === undefined) return null
  const message = brief(said)
  return problem(
    'mount-failing',
    object,
    {
      en: `${object}: one of its volumes cannot be mounted: ${message}`,
      fr: `${object} : un de ses volumes ne peut pas être monté : ${message}`,
    },
    { message },
    { heals: true },
  )
}

function sandboxProblem(object: string, events: readonly KubeEvent[]): Problem | null {
  const last = events.at(-1)
  if (last?.reason !== 'FailedCreatePodSandBox') return null
  const message = brief(last.message)
  return problem(
    'sandbox-failing',
    object,
    {
      en: `${object}: the node cannot make room for the pod: ${message}`,
      fr: `${object} : le nœud ne peut pas accueillir le pod : ${message}`,
    },
    { message },
    { heals: true, ours: true },
  )
}
