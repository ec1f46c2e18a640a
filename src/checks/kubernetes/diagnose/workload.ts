import type { Problem } from '../../../core/problem.ts'
import { ownedBy, rootOf, type NamespaceContents } from '../namespace-contents.ts'
import { conditionOf, type Workload } from '../shapes.ts'
import { nameOf } from '../words.ts'
import { problem } from './make.ts'
import { refusalProblem } from './refusal.ts'

/** What keeps a workload's pods from being made at all; Pod Security and quotas refuse pods, not the workload. */
export function workloadProblems(workload: Workload, contents: NamespaceContents): Problem[] {
  const object = rootOf(workload, contents.workloads)
  if (workload.spec.replicas === 0) return workload.kind === 'ReplicaSet' ? [] : [scaledToZero(workload)]
  const message = refusalOf(workload, contents)
  if (message === undefined) return []
  const leaving = contents.pods.some(({ metadata }) => metadata.deletionTimestamp !== undefined)
  return [refusalProblem(object, message, { leaving })]
}

/** A ReplicaSet keeps what was said; of others only the events tell. */
function refusalOf(workload: Workload, contents: NamespaceContents): string | undefined {
  if (workload.kind === 'ReplicaSet') {
    const failure = conditionOf(workload.status?.conditions, 'ReplicaFailure')
    return failure?.status === 'True' ? failure.message : undefined
  }
  if (!['StatefulSet', 'DaemonSet', 'Job'].includes(workload.kind)) return undefined
  if (ownedBy([workload], contents.pods).length >= wanted(workload)) return undefined
  const own = contents.events.filter(
    ({ involvedObject, reason }) =>
      involvedObject.uid === workload.metadata.uid && /^(Failed|Successful)Create$/.test(reason ?? ''),
  )
  const last = own.at(-1)
  return last?.reason === 'FailedCreate' ? last.message : undefined
}

function wanted({ kind, spec, status }: Workload): number {
  if (kind === 'DaemonSet') return status?.desiredNumberScheduled ?? 0
  return kind === 'Job' ? 1 : (spec.replicas ?? 1)
}

function scaledToZero(workload: Workload): Problem {
  const object = nameOf(workload)
  return problem('scaled-to-zero', object, {
    en: `${object} asks for 0 replicas: nothing of it runs.`,
    fr: `${object} demande 0 réplique : rien n’en tourne.`,
  })
}
