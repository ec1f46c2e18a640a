import type { KindRef, NamespaceReader } from '../../board/cluster/types.ts'
import { TooLarge } from '../../lib/errors.ts'
import { isOwned } from './live.ts'

/** Nearly every chart makes one of these. */
const kinds: readonly KindRef[] = [
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'v1', kind: 'ConfigMap' },
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'batch/v1', kind: 'Job' },
]
const options = { labelSelector: 'app.kubernetes.io/managed-by=Helm', items: 200, bytes: 4 * 2 ** 20 }

/**
 * Tells whether objects of a release are there although neither driver stores it. What an uninstall leaves on purpose
 * or has not taken away yet does not count.
 */
export async function isHidden(
  reader: NamespaceReader,
  release: string,
  signal: AbortSignal,
): Promise<boolean> {
  const marked = await Promise.all(
    kinds.map(async (kind) => {
      const { items } = await reader.list(kind, options, signal).catch((error: unknown) => {
        if (error instanceof TooLarge) return { items: [] }
        throw error
      })
      return items.some(
        (object) =>
          isOwned(object, release, reader.namespace) &&
          object.metadata.deletionTimestamp === undefined &&
          object.metadata.annotations?.['helm.sh/resource-policy'] !== 'keep',
      )
    }),
  )
  return marked.includes(true)
}
