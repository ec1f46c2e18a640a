import { setTimeout as sleep } from 'node:timers/promises'
import { isOwnedBy, type Owner } from '../../core/owner.ts'
import { ApiFailure } from './failure.ts'
import { playerAccount } from './marks.ts'
import { labelledOwner } from './namespaces.ts'
import type { Objects } from './objects.ts'
import { contentKinds, openKinds, type PlayerKind } from './player-kinds.ts'
import type { KubeObject, Removal } from './types.ts'

const namespaceKind = { apiVersion: 'v1', kind: 'Namespace' }
const bindingKind = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' }
/** Within this, the API server has taken in that a binding is gone. */
const settleMs = 500
const freedAtMost = 20

export interface RemovalOptions {
  /** For how long finalizers may hold it up. */
  patienceMs: number
  gatewayApi: boolean
}

/**
 * Starts the deletion of an owner's namespace, and tells what keeps it from being gone. A finalizer that a player set holds it no
 * longer than `patienceMs`. Off Secrets and ConfigMaps they come at once, since the master's rights to those go with the
 * namespace's contents, and no controller has anything to finish with them.
 */
export async function removeNamespace(
  objects: Objects,
  name: string,
  owner: Owner,
  { patienceMs, gatewayApi }: RemovalOptions,
): Promise<Removal> {
  const there = await objects.get(namespaceKind, name)
  if (!there || !isOwnedBy(owner, labelledOwner(there))) return { gone: true, blocking: [], freed: [] }
  const { deletionTimestamp, uid } = there.metadata
  if (!deletionTimestamp) {
    const freed = await freeContents(objects, name)
    await objects.remove(namespaceKind, name, undefined, { uid })
    await endPods(objects, name)
    return { gone: false, blocking: [], freed }
  }
  const held = Date.now() - Date.parse(deletionTimestamp) > patienceMs
  const freed = held ? await free(objects, name, openKinds(gatewayApi)) : []
  return { gone: false, blocking: blockingOf(there), freed }
}

function blockingOf({ metadata, ...namespace }: KubeObject): string[] {
  const { name, finalizers = [] } = metadata
  const { conditions = [] } = (namespace['status'] ?? {}) as {
    conditions?: { type: string; status: string; message?: string }[]
  }
  const blocking = conditions
    .filter(({ type, status }) => status === 'True' && type !== 'NamespaceContentRemaining')
    .map(({ type, message }) => `${name}: ${message ?? type}`.slice(0, 500))
  return [...blocking, ...finalizers.map((one) => `${name}: held by the finalizer ${one}`)]
}

async function freeContents(objects: Objects, namespace: string): Promise<string[]> {
  // Whoever may still write could put them on again.
  if (await objects.remove(bindingKind, playerAccount, namespace)) await sleep(settleMs)
  return await free(objects, namespace, contentKinds, false)
}

/** Takes the finalizers off what is `going`, or off whatever has some; tells off what, and which. */
async function free(
  objects: Objects,
  namespace: string,
  kinds: readonly PlayerKind[],
  going = true,
): Promise<string[]> {
  const freed: string[] = []
  for (const kind of kinds) {
    for (const { metadata } of await readable(objects, kind, namespace)) {
      const { name, finalizers = [], deletionTimestamp } = metadata
      if (finalizers.length === 0 || (going && deletionTimestamp === undefined)) continue
      if (await isFreed(objects, kind, name, namespace))
        freed.push(`${namespace}: ${kind.kind} ${name}: ${finalizers.join(', ')}`.slice(0, 300))
    }
  }
  const more = freed.length - freedAtMost
  return more > 0 ? [...freed.slice(0, freedAtMost), `${namespace}: and ${more} more`] : freed
}

/** Nothing where the master was never bound: such a namespace was left half made, and no player was in it. */
async function readable(objects: Objects, kind: PlayerKind, namespace: string): Promise<KubeObject[]> {
  try {
    return (await objects.list(kind, { namespace })).items
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 403) return []
    throw error
  }
}

/** What admission refuses, or what is not ours to change, stays, and is told as what blocks. */
async function isFreed(
  objects: Objects,
  kind: PlayerKind,
  name: string,
  namespace: string,
): Promise<boolean> {
  return await objects.free(kind, name, namespace).catch((error: unknown) => {
    if (error instanceof ApiFailure && error.status < 500) return false
    throw error
  })
}

const podKind = { apiVersion: 'v1', kind: 'Pod' }
const graceSeconds = 1

/**
 * Ends what still runs in a namespace that is going. Kubernetes starts on it after five seconds: pods that it finds then hold it
 * up for half of what they may take to end, a quarter of a minute usually.
 */
async function endPods(objects: Objects, namespace: string): Promise<void> {
  try {
    const { items } = await objects.list(podKind, { namespace })
    const soon = Date.now() + graceSeconds * 2000
    // A pod's own is the moment at which it has to have ended.
    const ends = ({ metadata }: KubeObject) => Date.parse(metadata.deletionTimestamp ?? '9999-12-31')
    for (const pod of items.filter((one) => ends(one) > soon))
      await objects.remove(podKind, pod.metadata.name, namespace, { graceSeconds })
  } catch (error) {
    // Whatever stands against it, they end by themselves.
    if (!(error instanceof ApiFailure) || error.status >= 500) throw error
  }
}
