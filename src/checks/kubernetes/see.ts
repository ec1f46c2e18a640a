import { isUtf8 } from 'node:buffer'
import type { KubeObject } from '../../board/cluster/types.ts'
import { asUtf8, decodeText, withoutMark } from '../../lib/decode-text.ts'
import { TooLarge } from '../../lib/errors.ts'
import { isReady, statusesOf } from './pods.ts'
import type { Pod } from './shapes.ts'
import type { KubernetesFacts } from './spec.ts'
import { brief, nameOf } from './words.ts'

const objectBytes = 512 * 1024
const allBytes = 4 * 2 ** 20
const mostContainers = 100

/** Without what only field managers need, which may be longer than the object. */
export function bare(object: KubeObject): KubeObject {
  const metadata = { ...object.metadata } as KubeObject['metadata'] & { managedFields?: unknown }
  delete metadata.managedFields
  return { ...object, metadata }
}

/** Throws `TooLarge` where an expression could not look at it in time. */
export function bound(objects: readonly KubeObject[]): void {
  let sum = 0
  for (const object of objects) {
    const bytes = Buffer.byteLength(JSON.stringify(object))
    sum += bytes
    const [what, most] = bytes > objectBytes ? [nameOf(object), objectBytes] : [object.kind, allBytes]
    if (bytes > objectBytes || sum > allBytes)
      throw new TooLarge(
        `${what} has more than ${most / 1024} KiB: make it smaller.`,
        `${what} dépasse ${most / 1024} Kio : faites plus petit.`,
      )
  }
}

export function seeObject(object: KubeObject, ready: boolean): KubernetesFacts['objects'][number] {
  return {
    name: object.metadata.name,
    ready,
    labels: object.metadata.labels ?? {},
    annotations: object.metadata.annotations ?? {},
    spec: object['spec'] ?? null,
    status: object['status'] ?? null,
    data: dataOf(object),
  }
}

function dataOf({ apiVersion, kind, data, binaryData }: KubeObject): Record<string, string> {
  if (apiVersion !== 'v1') return {}
  if (kind === 'Secret') return mapped(data, decoded)
  if (kind !== 'ConfigMap') return {}
  // kubectl puts a file that is no UTF-8 there, such as a text in UTF-16.
  return { ...mapped(binaryData, decoded), ...mapped(data, withoutMark) }
}

function mapped(data: unknown, tell: (value: string) => string): Record<string, string> {
  if (typeof data !== 'object' || data === null) return {}
  return Object.fromEntries(
    Object.entries(data as Record<string, string>).map(([key, value]) => [key, tell(value)]),
  )
}

/** Base64 where it is no text. */
function decoded(value: string): string {
  const bytes = asUtf8(Buffer.from(value, 'base64'))
  return isUtf8(bytes) ? decodeText(bytes) : value
}

export function seeContainers(pods: readonly Pod[]): KubernetesFacts['containers'] {
  return pods.flatMap(seePod).slice(0, mostContainers)
}

/**
 * Of a name such as `registry.example.org/tara/web@sha256:…`. What a container asks for comes before what the node tells: manifests
 * of one configuration, even of two players, are one image to a node, and it tells only one of their digests.
 */
function digestIn(name: string): string | undefined {
  return /@(sha256:[0-9a-f]{64})$/.exec(name)?.[1]
}

function seePod(pod: Pod): KubernetesFacts['containers'] {
  const leaving = pod.metadata.deletionTimestamp !== undefined
  return statusesOf(pod).map(({ one, init }) => {
    const { waiting, running, terminated } = one.state ?? {}
    const specs = init ? pod.spec.initContainers : pod.spec.containers
    const image = specs?.find(({ name }) => name === one.name)?.image ?? one.image
    return {
      pod: pod.metadata.name,
      name: one.name,
      init,
      image,
      digest: one.imageID === '' ? '' : (digestIn(image) ?? digestIn(one.imageID) ?? ''),
      imageId: brief(one.imageID),
      restarts: one.restartCount,
      ready: one.ready && !leaving && (init || isReady(pod)),
      state: running ? ('running' as const) : terminated ? ('terminated' as const) : ('waiting' as const),
      reason: brief(waiting?.reason ?? terminated?.reason, 100),
    }
  })
}
