import { z } from 'zod'
import { Inconclusive, PlayerFault, TooLarge } from '../../lib/errors.ts'
import type { RegistryPlace } from './client.ts'
import { createImageReader } from './images.ts'
import type { ImageReader, RawManifest } from './types.ts'
import { mountBlob, putBlob, putManifest } from './upload.ts'

const descriptor = z.object({ digest: z.string().max(140), size: z.int().min(0) })
const content = z.object({
  config: descriptor.optional(),
  layers: z.array(descriptor).default([]),
  manifests: z.array(descriptor).default([]),
})
type Descriptor = z.infer<typeof descriptor>

const deepest = 4
const mostParts = 1000

/** Repositories with their whole names. */
export interface Way {
  from: string
  to: string
}

/** Copies what one player's tag or digest names below another's path; false where it names nothing. */
export async function copyImage(
  place: RegistryPlace & { host: string },
  { from, to, repository }: Way & { repository: string },
  reference: string,
  signal: AbortSignal,
): Promise<boolean> {
  const reader = createImageReader({ ...place, path: from })
  const way = { from: `${from}/${repository}`, to: `${to}/${repository}` }
  const copying = { place, reader, repository, way, left: mostParts, signal }
  const top = await reader.manifest(repository, reference, signal)
  if (!top) return false
  await copyManifest(copying, top, reference, 0)
  return true
}

interface Copying {
  place: RegistryPlace & { host: string }
  reader: ImageReader
  repository: string
  way: Way
  left: number
  signal: AbortSignal
}

async function copyManifest(
  copying: Copying,
  manifest: RawManifest,
  reference: string,
  depth: number,
): Promise<void> {
  const { place, reader, repository, way, signal } = copying
  const { config, layers, manifests } = read(manifest)
  const blobs = [...(config ? [config] : []), ...layers]
  copying.left -= blobs.length + manifests.length
  if (depth > deepest || copying.left < 0)
    throw new TooLarge(
      `${repository}:${reference} names too many parts or nests too deep: make it smaller.`,
      `${repository}:${reference} nomme trop de parties ou les imbrique trop profondément : allège-le.`,
    )
  for (const blob of blobs) await takeBlob(place, way, blob, signal)
  for (const { digest } of manifests) {
    const child = await reader.manifest(repository, digest, signal)
    // An index may name platforms that were never pushed.
    if (child) await copyManifest(copying, child, digest, depth + 1)
  }
  const { bytes, contentType } = manifest
  await putManifest(place, way.to, reference, { content: bytes, contentType })
}

function read({ bytes }: RawManifest): z.infer<typeof content> {
  try {
    return content.parse(JSON.parse(bytes.toString()))
  } catch {
    throw new PlayerFault(
      'This manifest cannot be read: push the image again.',
      'Ce manifeste est illisible : pousse l’image à nouveau.',
    )
  }
}

/** Gives a repository a blob of another, by name alone where the registry takes that, else by its bytes. */
export async function takeBlob(
  place: RegistryPlace & { host: string },
  { from, to }: Way,
  { digest, size }: Descriptor,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) throw new Inconclusive(`${from} was not copied in time`)
  if (await mountBlob(place, { from, to }, digest)) return
  const [path = '', ...rest] = from.split('/')
  const reader = createImageReader({ ...place, path })
  const open = async () => {
    const source = await reader.openBlob(rest.join('/'), digest, signal)
    if (!source) throw new Inconclusive(`the registry has lost ${digest} of ${from}`)
    return source
  }
  await putBlob(place, to, digest, { open, size })
}
