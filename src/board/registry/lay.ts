import { z } from 'zod'
import type { BuiltImage, StarterConfig } from '../../core/starter-images.ts'
import { Fault } from '../../lib/errors.ts'
import type { RegistryPlace } from './client.ts'
import { digestOf } from './grammar.ts'
import { createImageReader } from './images.ts'
import { takeBlob } from './copy.ts'
import type { ImageReader } from './types.ts'
import { putBlob, putManifest } from './upload.ts'

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const layerType = 'application/vnd.oci.image.layer.v1.tar'
const configType = 'application/vnd.oci.image.config.v1+json'
const created = '2021-03-01T08:00:00Z'
const largestConfig = 4 * 2 ** 20

const descriptor = z.object({ mediaType: z.string(), digest: z.string(), size: z.number() })
const index = z.object({
  manifests: z.array(
    descriptor.extend({
      platform: z.object({ os: z.string(), architecture: z.string() }).optional(),
    }),
  ),
})
const manifest = z.object({ config: descriptor, layers: z.array(descriptor) })
const step = z.looseObject({ empty_layer: z.boolean().optional() })
const runtime = z.looseObject({
  Env: z.array(z.string()).nullish(),
  ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
})
const configuration = z.object({
  architecture: z.string(),
  os: z.string(),
  variant: z.string().optional(),
  config: runtime.nullish(),
  rootfs: z.object({ type: z.literal('layers'), diff_ids: z.array(z.string()) }),
  history: z.array(step).nullish(),
})
type Descriptor = z.infer<typeof descriptor>
type Configuration = z.infer<typeof configuration>

interface Base {
  layers: Descriptor[]
  configuration: Configuration
}

const scratch: Base = {
  layers: [],
  configuration: {
    architecture: 'amd64',
    os: 'linux',
    history: [],
    rootfs: { type: 'layers', diff_ids: [] },
  },
}

/** Pushes an image below a player's path; the digest. A `Fault` where its base is not under `hunt/`. */
export async function layImage(
  place: RegistryPlace & { host: string },
  slug: string,
  image: BuiltImage,
  signal: AbortSignal,
): Promise<string> {
  const repository = `${slug}/${image.repository}`
  const hunt = createImageReader({ ...place, path: 'hunt' })
  const base = image.base ? await baseFor(hunt, image.base, signal) : scratch
  if (image.base)
    for (const layer of base.layers)
      await takeBlob(place, { from: `hunt/${image.base.repository}`, to: repository }, layer, signal)
  const blobs = image.layers.flatMap(({ blob }) => (blob ? [blob] : []))
  for (const { digest, content } of blobs) await putBlob(place, repository, digest, content)
  const config = Buffer.from(JSON.stringify(configurationFor(image, base.configuration)))
  const described = (mediaType: string, content: Buffer) => ({
    mediaType,
    digest: digestOf(content),
    size: content.length,
  })
  const configDescriptor = described(configType, config)
  await putBlob(place, repository, configDescriptor.digest, config)
  const layers = [
    ...base.layers.map((layer) => ({ ...layer, mediaType: layerTypeOf(layer) })),
    ...blobs.map(({ content }) => described(`${layerType}+gzip`, content)),
  ]
  const written = { schemaVersion: 2, mediaType: manifestType, config: configDescriptor, layers }
  const content = Buffer.from(JSON.stringify(written))
  await putManifest(place, repository, image.tag, { content, contentType: manifestType })
  return digestOf(content)
}

async function baseFor(
  hunt: ImageReader,
  { repository, reference }: NonNullable<BuiltImage['base']>,
  signal: AbortSignal,
): Promise<Base> {
  const name = `hunt/${repository}${reference.includes(':') ? '@' : ':'}${reference}`
  const top = await hunt.manifest(repository, reference, signal)
  if (!top) throw new Fault(`The registry has no ${name}: "bin/shambhala registry load" brings it there.`)
  const chosen = /index|manifest\.list/.test(top.contentType) ? platformIn(top.bytes, name) : top.digest
  const image = chosen === top.digest ? top : await hunt.manifest(repository, chosen, signal)
  const { config, layers } = read(manifest, image?.bytes, name)
  const bytes = await hunt.blob(repository, config.digest, largestConfig, signal)
  return { layers, configuration: read(configuration, bytes, name) }
}

/** linux/amd64 where it is there, else the first that is for any platform at all. */
function platformIn(bytes: Buffer, name: string): string {
  const { manifests } = read(index, bytes, name)
  const known = manifests.filter(({ platform }) => platform?.os !== 'unknown')
  const usual = known.find(({ platform }) => platform?.os === 'linux' && platform.architecture === 'amd64')
  const chosen = usual ?? known[0]
  if (!chosen) throw new Fault(`${name} holds no image.`)
  return chosen.digest
}

function read<T>(schema: z.ZodType<T>, bytes: Buffer | null | undefined, name: string): T {
  try {
    return schema.parse(JSON.parse((bytes ?? Buffer.alloc(0)).toString()))
  } catch {
    throw new Fault(`${name} is no image that can be built on.`)
  }
}

/** Docker's own media types name the same bytes; one manifest must not mix them with OCI's. */
function layerTypeOf({ mediaType }: Descriptor): string {
  if (mediaType.startsWith(layerType)) return mediaType
  return /gzip$/.test(mediaType) ? `${layerType}+gzip` : layerType
}

function configurationFor({ layers, config }: BuiltImage, base: Configuration): object {
  const blobs = layers.flatMap(({ blob }) => (blob ? [blob] : []))
  const before = base.history ?? []
  // Clients match layers and history one by one: a base without history must not shift it.
  const untold = base.rootfs.diff_ids.length - before.filter((one) => !one.empty_layer).length
  return {
    created,
    architecture: base.architecture,
    os: base.os,
    ...(base.variant !== undefined && { variant: base.variant }),
    config: overlaid(base.config ?? {}, config),
    rootfs: { type: 'layers', diff_ids: [...base.rootfs.diff_ids, ...blobs.map(({ diffId }) => diffId)] },
    history: [
      ...before,
      ...Array.from({ length: Math.max(0, untold) }, () => ({ created })),
      ...layers.map(({ createdBy, blob }) => ({
        created,
        created_by: createdBy,
        ...(!blob && { empty_layer: true }),
      })),
    ],
  }
}

function overlaid(base: z.infer<typeof runtime>, over: StarterConfig): object {
  const env = new Map([...(base.Env ?? []), ...pairs(over.env)].map((one) => [one.replace(/=.*$/s, ''), one]))
  const ports = Object.fromEntries((over.ports ?? []).map((port) => [port.replace(/^\d+$/, '$&/tcp'), {}]))
  const all = {
    ...base,
    ...(over.user !== undefined && { User: over.user }),
    ...(over.entrypoint !== undefined && { Entrypoint: over.entrypoint }),
    ...(over.cmd !== undefined && { Cmd: over.cmd }),
    ...(over.workdir !== undefined && { WorkingDir: over.workdir }),
    ...(env.size > 0 && { Env: [...env.values()] }),
    ...((over.ports || base.ExposedPorts) && { ExposedPorts: { ...base.ExposedPorts, ...ports } }),
    ...((over.labels || base.Labels) && { Labels: { ...base.Labels, ...over.labels } }),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
}

function pairs(values: Record<string, string> = {}): string[] {
  return Object.entries(values).map(([name, value]) => `${name}=${value}`)
}
