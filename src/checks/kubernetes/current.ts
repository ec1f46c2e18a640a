import type { Pod, Workload } from './shapes.ts'

const revisionMark = 'deployment.kubernetes.io/revision'

export interface Parted {
  pods: readonly Pod[]
  workloads: readonly Workload[]
}

/**
 * Sets aside the ReplicaSets that a Deployment has replaced, and their pods: while these go, what ails them says nothing of
 * what the player made last.
 */
export function withoutReplaced(
  pods: readonly Pod[],
  workloads: readonly Workload[],
): Parted & { replaced: Parted } {
  const newest = new Map<string, Workload>()
  for (const one of workloads) {
    const owner = deploymentOf(one)
    if (owner === undefined) continue
    const known = newest.get(owner)
    if (!known || revisionOf(one) > revisionOf(known)) newest.set(owner, one)
  }
  const replaced = new Set(
    workloads
      .filter((one) => {
        const owner = deploymentOf(one)
        return owner !== undefined && newest.get(owner) !== one
      })
      .map(({ metadata }) => metadata.uid),
  )
  const old = {
    pods: pods.filter(({ metadata }) =>
      (metadata.ownerReferences ?? []).some(({ uid }) => replaced.has(uid)),
    ),
    workloads: workloads.filter(({ metadata }) => replaced.has(metadata.uid)),
  }
  return {
    pods: pods.filter((pod) => !old.pods.includes(pod)),
    workloads: workloads.filter((one) => !old.workloads.includes(one)),
    replaced: old,
  }
}

function deploymentOf({ kind, metadata }: Workload): string | undefined {
  if (kind !== 'ReplicaSet') return undefined
  return metadata.ownerReferences?.find((owner) => owner.controller === true && owner.kind === 'Deployment')
    ?.uid
}

function revisionOf({ metadata }: Workload): number {
  return Number(metadata.annotations?.[revisionMark] ?? 0)
}
