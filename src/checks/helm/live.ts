import type { KubeObject, NamespaceReader } from '../../board/cluster/types.ts'
import { createGate } from '../../lib/gate.ts'
import { Inconclusive, PlayerFault } from '../../lib/errors.ts'
import { firstDifference } from './compare.ts'
import type { HelmFacts } from './spec.ts'

export type LiveObject = NonNullable<HelmFacts['live']>[number]

const atOnce = 8

/** Looks each object of the manifest up in the namespace. Those of a whole cluster and of other namespaces do not exist here. */
export async function lookLive(
  reader: NamespaceReader,
  release: string,
  manifest: readonly KubeObject[],
  signal: AbortSignal,
): Promise<LiveObject[]> {
  const gate = createGate(atOnce)
  return await Promise.all(
    manifest.map((wanted) =>
      gate.pass('', async () => {
        const { apiVersion, kind, metadata } = wanted
        const live = await findLive(reader, wanted, signal)
        return {
          apiVersion,
          kind,
          name: metadata.name,
          exists: live !== null,
          owned: live !== null && isOwned(live, release, reader.namespace),
          ...compared(wanted, live),
        }
      }),
    ),
  )
}

export function isWell({ exists, owned, matches }: LiveObject): boolean {
  return exists && owned && matches
}

/** Helm's marks: without them, Helm itself does not take an object for its own. */
export function isOwned(object: KubeObject, release: string, namespace: string): boolean {
  const { labels = {}, annotations = {} } = object.metadata
  return (
    labels['app.kubernetes.io/managed-by'] === 'Helm' &&
    annotations['meta.helm.sh/release-name'] === release &&
    annotations['meta.helm.sh/release-namespace'] === namespace
  )
}

async function findLive(
  reader: NamespaceReader,
  { apiVersion, kind, metadata }: KubeObject,
  signal: AbortSignal,
): Promise<KubeObject | null> {
  // An empty one is the release's, too.
  if ((metadata.namespace || reader.namespace) !== reader.namespace) return null
  try {
    const found = await reader.get({ apiVersion, kind }, metadata.name, signal)
    return found?.metadata.namespace === reader.namespace ? found : null
  } catch (error) {
    if (error instanceof Inconclusive || error instanceof PlayerFault) throw error
    throw new Inconclusive(`cannot read ${kind} ${metadata.name}`, { cause: error })
  }
}

function compared(wanted: KubeObject, live: KubeObject | null): Pick<LiveObject, 'matches' | 'difference'> {
  if (live === null) return { matches: false, difference: '' }
  const difference = firstDifference(asStored(wanted), live)
  return { matches: difference === null, difference: difference ?? '' }
}

/** What the API server keeps: no state that a manifest claims, a Secret’s plain text encoded. */
function asStored(wanted: KubeObject): unknown {
  const { kind, stringData } = wanted
  const without = (table: object, gone: (key: string, value: unknown) => boolean): object =>
    Object.fromEntries(Object.entries(table).filter(([key, value]) => !gone(key, value)))
  const stored = without(wanted, (key) => key === 'status' || key === 'stringData')
  if (kind === 'Secret' && typeof stringData === 'object' && stringData !== null) {
    const encoded = Object.entries(stringData).map(
      ([key, value]) => [key, encode(String(value ?? ''))] as const,
    )
    return { ...stored, data: { ...(wanted['data'] as object | undefined), ...Object.fromEntries(encoded) } }
  }
  return stored
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64')
}
