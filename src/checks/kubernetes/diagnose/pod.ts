import type { Problem } from '../../../core/problem.ts'
import { isReady, isSettling, isUnstarted, statusesOf } from '../pods.ts'
import { rootOf, type NamespaceContents } from '../namespace-contents.ts'
import type { KubeEvent, Pod } from '../shapes.ts'
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
  if (pod.status?.reason === 'Evicted') return [evicted(pod, object)]
  if (isUnstarted(pod)) {
    const missing = [...missingReferences(pod, object, contents), ...missingClaims(pod, object, contents)]
    if (missing.length > 0) return missing
    const waits = schedulingProblem(pod, object)
    if (waits) return [waits]
  }
  const found = statusesOf(pod).flatMap(({ one, init }) => containerProblem(sight, one, init) ?? [])
  if (found.length > 0 || !isUnstarted(pod)) return found
  return [mountProblem(object, events) ?? sandboxProblem(object, events) ?? []].flat()
}

function evicted(pod: Pod, object: string): Problem {
  const message = brief(pod.status?.message)
  return problem(
    'evicted',
    object,
    {
      en: `${object}: the node threw out the pod ${pod.metadata.name}: ${message}`,
      fr: `${object} : le nœud a expulsé le pod ${pod.metadata.name} : ${message}`,
    },
    { pod: pod.metadata.name, message },
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
