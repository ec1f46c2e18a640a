import type { Problem } from '../../../core/problem.ts'
import { conditionOf, type Pod } from '../shapes.ts'
import { brief } from '../words.ts'
import { absent } from './references.ts'
import { problem } from './make.ts'

/** What of a scheduler's reason is the board's to mend: no node, a node that is not well, nodes that are full. */
const oursOnly =
  /^(no nodes available to schedule pods|Insufficient (cpu|memory|ephemeral-storage|pods)|Too many pods|node\(s\) (had|were) .*(taint|unschedulable).*|node\(s\) were unschedulable)$/i

export function schedulingProblem(pod: Pod, object: string): Problem | null {
  const scheduled = conditionOf(pod.status?.conditions, 'PodScheduled')
  if (scheduled?.status !== 'False') return null
  const message = (scheduled.message ?? '').slice(0, 4000)
  const claim = /persistentvolumeclaim "([^"]+)" not found/.exec(message)?.[1]
  if (claim !== undefined) return absent(object, 'PersistentVolumeClaim', claim)
  // The claim's own problem tells more.
  if (/unbound immediate PersistentVolumeClaims/.test(message)) return null
  const reasons = reasonsOf(message)
  const ours = reasons.length > 0 && reasons.every((one) => oursOnly.test(one))
  const selector = Object.entries(pod.spec.nodeSelector ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')
  const details = { pod: pod.metadata.name, message: brief(message), nodeSelector: brief(selector, 300) }
  const [en, fr] = plainly(reasons, brief(selector, 300))
  return problem(
    'unschedulable',
    object,
    {
      en: `No node takes the pods of ${object}: ${en}.`,
      fr: `Aucun nœud ne prend les pods de ${object} : ${fr}.`,
    },
    details,
    { ours, heals: ours },
  )
}

/** From `0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had … . preemption: …`. */
function reasonsOf(message: string): string[] {
  const [, listed = message] = /nodes are available: (.*)$/s.exec(message) ?? []
  const [before = ''] = listed.split(/\.? preemption:/)
  return before
    .split(/, (?=\d+ )/)
    .map((one) => one.replace(/^\d+ /, '').replace(/\.$/, '').trim())
    .filter((one) => one !== '')
    .slice(0, 10)
}

function plainly(reasons: readonly string[], selector: string): [en: string, fr: string] {
  const words = reasons.map((one): [string, string] => {
    if (/no nodes available/.test(one)) return ['the cluster has no node', 'le cluster n’a pas de nœud']
    if (/node affinity\/selector|node selector/.test(one))
      return selector === ''
        ? ['none fits its node affinity', 'aucun ne convient à son affinité de nœud']
        : [
            `none has the labels of its nodeSelector (${selector})`,
            `aucun n’a les étiquettes de son nodeSelector (${selector})`,
          ]
    const resource = /^Insufficient (.+)$/.exec(one)?.[1]
    if (resource !== undefined)
      return [
        `none has enough ${brief(resource, 60)} left`,
        `aucun n’a assez de ${brief(resource, 60)} libre`,
      ]
    if (/taint/.test(one)) return ['a node keeps pods away (taint)', 'un nœud écarte les pods (taint)']
    return [brief(one, 200), brief(one, 200)]
  })
  return [words.map(([en]) => en).join(', '), words.map(([, fr]) => fr).join(', ')]
}
