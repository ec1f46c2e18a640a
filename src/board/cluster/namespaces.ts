import { setTimeout as sleep } from 'node:timers/promises'
import { isOwnedBy, type Owner } from '../../core/owner.ts'
import { Inconclusive } from '../../lib/errors.ts'
import type { Connection } from './connection.ts'
import { ApiFailure } from './failure.ts'
import { marks } from './marks.ts'
import type { Objects } from './objects.ts'
import type { KubeObject } from './types.ts'

const namespaceKind = { apiVersion: 'v1', kind: 'Namespace' }

/** Applies the objects of one namespace, which come first in the list; one of another owner is left alone. */
export async function ensureNamespace(
  objects: Objects,
  owner: Owner,
  manifests: readonly KubeObject[],
): Promise<void> {
  const [namespace, ...inside] = manifests
  if (!namespace) throw new Error('no namespace among the manifests')
  const there = await findOrMake(objects, namespace)
  refuseForeign(there, owner)
  if (there.metadata.deletionTimestamp)
    throw new Inconclusive(`namespace ${there.metadata.name} is still being deleted`)
  await objects.apply({ ...namespace, metadata: { ...namespace.metadata, ...asSeen(there) } })
  for (const manifest of inside) await applyWhenReady(objects, manifest)
}

/** Made with a creation, not by an apply: of two servers that make the same one, one learns that it came second. */
async function findOrMake(objects: Objects, { apiVersion, kind, metadata }: KubeObject): Promise<KubeObject> {
  const { name, labels = {} } = metadata
  const there =
    (await objects.get(namespaceKind, name)) ??
    (await objects.create({ apiVersion, kind, metadata: { name, labels } })) ??
    (await objects.get(namespaceKind, name))
  if (!there) throw new Inconclusive(`namespace ${name} comes and goes`)
  return there
}

/** Makes an apply fail where the namespace has become another one. One without a server's mark is whose that marks it first. */
function asSeen({ metadata }: KubeObject): { uid?: string; resourceVersion?: string } {
  const { uid, resourceVersion, labels } = metadata
  const unmarked = labels?.[marks.server] === undefined
  return {
    ...(uid !== undefined && { uid }),
    ...(unmarked && resourceVersion !== undefined && { resourceVersion }),
  }
}

export function labelledOwner({ metadata }: KubeObject): { hunt: string | null; server: string | null } {
  const { labels } = metadata
  return { hunt: labels?.[marks.hunt] ?? null, server: labels?.[marks.server] ?? null }
}

function refuseForeign(there: KubeObject, owner: Owner): void {
  const found = labelledOwner(there)
  if (isOwnedBy(owner, found)) return
  const { name } = there.metadata
  if (found.hunt === null) throw new Inconclusive(`namespace ${name} is not a hunt’s: remove it`)
  if (found.hunt !== owner.hunt)
    throw new Inconclusive(
      `namespace ${name} belongs to the hunt ${found.hunt}: take it down there, or give each hunt a cluster of its own`,
    )
  throw new Inconclusive(
    `namespace ${name} belongs to another server that runs the hunt ${found.hunt} (${found.server}): take it down there, or give each server a cluster of its own; if that server is lost, see "board sweep --foreign"`,
  )
}

/** Whether the namespace is there and not going. Throws where it is another's. */
export async function holdsNamespace(objects: Objects, name: string, owner: Owner): Promise<boolean> {
  const there = await objects.get(namespaceKind, name)
  if (!there || there.metadata.deletionTimestamp) return false
  refuseForeign(there, owner)
  return true
}

/** Throws where the namespace is there and another's. */
export async function mustBeOwn(objects: Objects, name: string, owner: Owner): Promise<void> {
  const there = await objects.get(namespaceKind, name)
  if (there) refuseForeign(there, owner)
}

/** In a namespace made an instant ago, caches of the API server may not know it yet. */
async function applyWhenReady(objects: Objects, manifest: KubeObject): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await objects.apply(manifest)
      return
    } catch (error) {
      if (!(error instanceof ApiFailure) || ![403, 404, 409].includes(error.status) || attempt === 4)
        throw error
      await sleep(100 * attempt)
    }
  }
}

/** A token of a service account; the API server says how long it really lives. */
export async function requestToken(
  connection: Connection,
  { namespace, account }: { namespace: string; account: string },
  expiresAt: Date,
): Promise<{ token: string; expiresAt: Date }> {
  const seconds = Math.max(600, Math.ceil((expiresAt.getTime() - Date.now()) / 1000))
  const answer = await connection.json<{ status: { token: string; expirationTimestamp: string } }>(
    `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${account}/token`,
    {
      method: 'POST',
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: seconds },
      },
    },
  )
  return { token: answer.status.token, expiresAt: new Date(answer.status.expirationTimestamp) }
}
