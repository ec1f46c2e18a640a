import type { Problem } from '../../../core/problem.ts'
import { ownedBy, rootOf, type NamespaceContents } from '../namespace-contents.ts'
import { conditionOf, type Condition, type Workload } from '../shapes.ts'
import { readinessOf } from '../ready.ts'
import { brief, nameOf } from '../words.ts'
import { problem } from './make.ts'
import { refusalProblem } from './refusal.ts'

/** What keeps a workload's pods from being made at all; Pod Security and quotas refuse pods, not the workload. */
export function workloadProblems(workload: Workload, contents: NamespaceContents): Problem[] {
  const object = rootOf(workload, contents.workloads)
  const halted = haltProblem(workload)
  if (halted) return [halted]
  if (workload.spec.replicas === 0) return workload.kind === 'ReplicaSet' ? [] : [scaledToZero(workload)]
  const message = refusalOf(workload, contents)
  if (message === undefined) return []
  const leaving = contents.pods.some(({ metadata }) => metadata.deletionTimestamp !== undefined)
  return [refusalProblem(object, message, { leaving })]
}

/** What the player, or the cluster for good, has stopped. */
function haltProblem(workload: Workload): Problem | null {
  const { kind, spec, status, metadata } = workload
  if (kind === 'Deployment' && spec.paused === true)
    return readinessOf(workload, []) === 'ready' ? null : paused(workload)
  if (/^(Cron)?Job$/.test(kind) && spec.suspend === true) return suspended(workload)
  // What a CronJob's last one came to is told by its pods.
  if (kind === 'Job' && metadata.ownerReferences === undefined) {
    const failed = conditionOf(status?.conditions, 'Failed')
    return failed?.status === 'True' ? jobFailed(workload, failed) : null
  }
  const isIdle = kind === 'DaemonSet' && status?.desiredNumberScheduled === 0
  const isSeen = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  return isIdle && isSeen ? noNode(workload) : null
}

function paused(workload: Workload): Problem {
  const object = nameOf(workload)
  const command = `kubectl rollout resume deployment/${workload.metadata.name}`
  return problem(
    'rollout-paused',
    object,
    {
      en: `The rollout of ${object} is paused: what was changed is not rolled out. Let it go on: ${command}`,
      fr: `Le déploiement de ${object} est en pause : ce qui a changé n’est pas déployé. Laisse-le reprendre : ${command}`,
    },
    { command },
  )
}

function suspended(workload: Workload): Problem {
  const object = nameOf(workload)
  const command = `kubectl patch ${workload.kind.toLowerCase()} ${workload.metadata.name} -p '{"spec":{"suspend":false}}'`
  return problem(
    'suspended',
    object,
    {
      en: `${object} is suspended: it starts nothing. Let it go on: ${command}`,
      fr: `${object} est suspendu : il ne lance rien. Laisse-le reprendre : ${command}`,
    },
    { command },
  )
}

function jobFailed(workload: Workload, { reason, message }: Condition): Problem {
  const object = nameOf(workload)
  const said = brief(message ?? reason)
  const command = `kubectl logs job/${workload.metadata.name}`
  return problem(
    'job-failed',
    object,
    {
      en: `${object} has failed and is not tried again: ${said}. See what it said (${command}), delete it, mend it and apply it again.`,
      fr: `${object} a échoué et n’est plus retenté : ${said}. Lis ce qu’il a dit (${command}), supprime-le, répare-le et applique-le de nouveau.`,
    },
    { reason: brief(reason, 100), message: said, command },
  )
}

function noNode(workload: Workload): Problem {
  const object = nameOf(workload)
  const selector = Object.entries(workload.spec.template?.spec.nodeSelector ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')
  const wanted = brief(selector, 300)
  return problem(
    'unschedulable',
    object,
    {
      en: `${object} runs on no node: none fits its ${wanted ? `nodeSelector (${wanted})` : 'affinity and tolerations'}.`,
      fr: `${object} ne tourne sur aucun nœud : aucun ne convient à ${wanted ? `son nodeSelector (${wanted})` : 'son affinité et ses tolérances'}.`,
    },
    { nodeSelector: wanted },
  )
}

/** A ReplicaSet keeps what was said; of others only the events tell. */
function refusalOf(workload: Workload, contents: NamespaceContents): string | undefined {
  if (/^Replica(Set|tionController)$/.test(workload.kind)) {
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
