import type { Connection } from './connection.ts'
import { ApiFailure, isAbsent } from './failure.ts'
import { createPathOf, type PathOf } from './object-paths.ts'
import type { KindRef, KubeObject, ListOptions, ObjectList } from './types.ts'

/** Objects of any kind that the API server knows, by `apiVersion` and `kind`. */
export interface Objects {
  /** Server-side apply: what is there becomes what is said, fields of other managers stay. */
  apply(object: KubeObject, options?: { dryRun?: boolean }): Promise<KubeObject>
  /** null where one of that name is there already. */
  create(object: KubeObject): Promise<KubeObject | null>
  get(kind: KindRef, name: string, namespace?: string, signal?: AbortSignal): Promise<KubeObject | null>
  list(
    kind: KindRef,
    options: ListOptions & { namespace?: string; signal?: AbortSignal },
  ): Promise<ObjectList>
  /**
   * True where there was one. `graceSeconds`: how long a pod may take to end, where not as long as it says itself. `uid`: only this
   * one, not what took its name since.
   */
  remove(
    kind: KindRef,
    name: string,
    namespace?: string,
    options?: { graceSeconds?: number; uid?: string | undefined },
  ): Promise<boolean>
  /** Takes every finalizer off; false where there is no such object any more. */
  free(kind: KindRef, name: string, namespace: string): Promise<boolean>
  pathOf: PathOf
}

export const fieldManager = 'shambhala'

/** A name that would lead the address elsewhere; players write manifests that carry such ones. */
function isDots(name: string): boolean {
  return name === '' || name === '.' || name === '..'
}

const pageItems = 100

export function objectsOf(connection: Connection): Objects {
  const pathOf = createPathOf(connection)
  return {
    pathOf,
    async apply(object, { dryRun = false } = {}) {
      const path = await pathOf(object, object.metadata.namespace)
      return await connection.json(`${path}/${encodeURIComponent(object.metadata.name)}`, {
        method: 'PATCH',
        contentType: 'application/apply-patch+yaml',
        query: { fieldManager, force: true, dryRun: dryRun ? 'All' : undefined },
        body: object,
      })
    },
    async create(object) {
      const path = await pathOf(object, object.metadata.namespace)
      const options = { method: 'POST', query: { fieldManager }, body: object } as const
      return await connection.json<KubeObject>(path, options).catch((error: unknown) => {
        if (error instanceof ApiFailure && error.reason === 'AlreadyExists') return null
        throw error
      })
    },
    free: async (kind, name, namespace) =>
      isDots(name)
        ? false
        : await takeFinalizers(connection, `${await pathOf(kind, namespace)}/${encodeURIComponent(name)}`),
    async get(kind, name, namespace, signal) {
      if (isDots(name)) return null
      const path = `${await pathOf(kind, namespace)}/${encodeURIComponent(name)}`
      return await connection.json<KubeObject>(path, signal && { signal }).catch((error: unknown) => {
        if (isAbsent(error)) return null
        throw error
      })
    },
    list: async (kind, options) =>
      await listPages(connection, await pathOf(kind, options.namespace), kind, options),
    async remove(kind, name, namespace, { graceSeconds, uid } = {}) {
      if (isDots(name)) return false
      const path = `${await pathOf(kind, namespace)}/${encodeURIComponent(name)}`
      const body = {
        propagationPolicy: 'Background',
        ...(graceSeconds !== undefined && { gracePeriodSeconds: graceSeconds }),
        ...(uid !== undefined && { preconditions: { uid } }),
      }
      return await connection.text(path, { method: 'DELETE', body }).then(
        () => true,
        (error: unknown) => {
          if (isAbsent(error)) return false
          // A namespace that is being deleted already answers so, and one that has another uid.
          if (error instanceof ApiFailure && error.status === 409) return true
          throw error
        },
      )
    },
  }
}

async function takeFinalizers(connection: Connection, path: string): Promise<boolean> {
  const options = {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    query: { fieldManager },
    body: { metadata: { finalizers: null } },
  } as const
  return await connection.text(path, options).then(
    () => true,
    (error: unknown) => {
      if (isAbsent(error)) return false
      throw error
    },
  )
}

async function listPages(
  connection: Connection,
  path: string,
  kind: KindRef,
  options: ListOptions & { signal?: AbortSignal },
): Promise<ObjectList> {
  const most = { items: options.items ?? 500, bytes: options.bytes ?? 16 * 2 ** 20 }
  const items: KubeObject[] = []
  let bytes = 0
  let token: string | undefined
  do {
    const limit = Math.min(pageItems, most.items - items.length)
    const text = await connection.text(path, {
      query: {
        limit,
        continue: token,
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
      },
      maxBytes: most.bytes - bytes,
      ...(options.signal && { signal: options.signal }),
    })
    bytes += text.length
    const page = JSON.parse(text) as { items: KubeObject[]; metadata: { continue?: string } }
    // In a list, the API server leaves out what is the same for all.
    for (const item of page.items) items.push({ ...item, ...kind })
    token = page.metadata.continue
  } while (token && items.length < most.items)
  return { items, truncated: Boolean(token) }
}
