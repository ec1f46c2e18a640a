import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster, Removal } from '../../board/cluster/types.ts'
import type { Owner } from '../../core/owner.ts'
import { Inconclusive, reasonOf } from '../../lib/errors.ts'
import { createGate } from '../../lib/gate.ts'

/** What a removal came to. Zero left means: looked at again, and really gone. */
export interface Receipt {
  deleted: { cluster: string; namespace: string }[]
  /** Off what finalizers were taken that held a namespace up. */
  freed: { cluster: string; what: string }[]
  left: { cluster: string; namespace: string; blocking: string[] }[]
  /** Clusters that could not be looked at to the end, and why. */
  unseen: { cluster: string; reason: string }[]
  /** Namespaces of another server that runs the same hunt: left alone. */
  foreign: { cluster: string; namespace: string }[]
}

/** What to remove of a cluster, and what of another server's was seen there. */
export interface Picked {
  remove: { name: string; owner: Owner }[]
  kept: string[]
}

const lookMs = 1000
const atOnce = 8

interface Attempt extends Removal {
  /** The API server does not let us, and will not in a minute. */
  refused: boolean
}

/**
 * Deletes the namespaces that `pick` names, asked again in every round, until it names none or `seconds` are over. A
 * namespace that comes back meanwhile, or is claimed by somebody, is thereby seen.
 */
export async function removeNamespaces(
  cluster: Cluster,
  pick: () => Promise<Picked>,
  seconds: number,
): Promise<Receipt> {
  const until = Date.now() + seconds * 1000
  const seen = new Set<string>()
  let left = new Map<string, Attempt>()
  let kept: string[] = []
  let trouble: string | null
  const freed: Receipt['freed'] = []
  for (;;) {
    try {
      const picked = await pick()
      for (const { name } of picked.remove) seen.add(name)
      left = await removeEach(cluster, picked.remove)
      for (const one of left.values())
        freed.push(...one.freed.map((what) => ({ cluster: cluster.name, what })))
      kept = picked.kept
      trouble = null
      const hopeless = [...left.values()].every(({ refused }) => refused)
      if (picked.remove.length === 0 || (left.size > 0 && hopeless)) break
    } catch (error) {
      trouble = reasonOf(error)
      // A cluster that did not answer from the start is not waited for.
      if (seen.size === 0) break
    }
    if (Date.now() >= until) break
    await sleep(lookMs)
  }
  const foreign = kept.map((namespace) => ({ cluster: cluster.name, namespace }))
  return { ...receiptOf(cluster.name, seen, left, trouble), freed, foreign }
}

async function removeEach(cluster: Cluster, namespaces: Picked['remove']): Promise<Map<string, Attempt>> {
  const gate = createGate(atOnce)
  const attempts = await Promise.all(
    namespaces.map(async ({ name, owner }) => {
      const result = await gate.pass(cluster.name, () => attempt(cluster, name, owner))
      return [name, result] as const
    }),
  )
  return new Map(attempts.filter(([, { gone }]) => !gone))
}

async function attempt(cluster: Cluster, name: string, owner: Owner): Promise<Attempt> {
  try {
    return { ...(await cluster.remove(name, owner)), refused: false }
  } catch (error) {
    return { gone: false, blocking: [reasonOf(error)], freed: [], refused: !(error instanceof Inconclusive) }
  }
}

function receiptOf(
  cluster: string,
  seen: ReadonlySet<string>,
  left: ReadonlyMap<string, Attempt>,
  trouble: string | null,
): Omit<Receipt, 'freed' | 'foreign'> {
  const slow = trouble ?? 'it is still being deleted'
  return {
    deleted: [...seen].filter((name) => !left.has(name)).map((namespace) => ({ cluster, namespace })),
    left: [...left].map(([namespace, { blocking }]) => ({
      cluster,
      namespace,
      blocking: blocking.length > 0 ? blocking : [slow],
    })),
    unseen: trouble === null ? [] : [{ cluster, reason: trouble }],
  }
}

export function sumUp(receipts: readonly Receipt[]): Receipt {
  return {
    deleted: receipts.flatMap(({ deleted }) => deleted),
    freed: receipts.flatMap(({ freed }) => freed),
    left: receipts.flatMap(({ left }) => left),
    unseen: receipts.flatMap(({ unseen }) => unseen),
    foreign: receipts.flatMap(({ foreign }) => foreign),
  }
}

export function unseenOf(cluster: string, reason: string): Receipt {
  return { deleted: [], freed: [], left: [], unseen: [{ cluster, reason }], foreign: [] }
}
