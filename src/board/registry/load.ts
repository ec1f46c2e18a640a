import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { isRepository, isTag } from '../../core/image-names.ts'
import { Fault } from '../../lib/errors.ts'
import type { RegistryPlace } from './client.ts'
import { algorithmOf, digestOf, isDigest } from './grammar.ts'
import type { Loaded } from './types.ts'
import { putBlob, putManifest } from './upload.ts'

const descriptor = z.object({
  mediaType: z.string(),
  digest: z.string().refine(isDigest, 'a digest such as sha256:…'),
  size: z.number(),
  annotations: z.record(z.string(), z.string()).optional(),
})
const index = z.object({ manifests: z.array(descriptor) })
const manifest = z.object({ config: descriptor, layers: z.array(descriptor) })
type Descriptor = z.infer<typeof descriptor>

const refName = 'org.opencontainers.image.ref.name'
const deepest = 4
const largestManifest = 4 * 2 ** 20

/**
 * Pushes what a folder in the OCI image layout holds as `hunt/<name>`. The tag is the one in `name`, else the one that the
 * layout gives, else `latest`; the name is the folder's where `name` is empty.
 */
export async function loadLayout(place: RegistryPlace, folder: string, name: string): Promise<Loaded[]> {
  const [, given = '', tag] = /^([^:]*)(?::(.*))?$/.exec(name) ?? []
  const repository = `hunt/${given === '' ? basename(folder).toLowerCase() : given}`
  if (!isRepository(repository) || (tag !== undefined && !isTag(tag)))
    throw new Fault(`${repository}${tag === undefined ? '' : `:${tag}`} is no name of an image.`)
  const text = await readFile(join(folder, 'index.json')).catch(() => {
    throw new Fault(`${folder} is no OCI image layout: it has no index.json.`)
  })
  const { manifests } = read(index, text, join(folder, 'index.json'))
  if (tag !== undefined && manifests.length > 1)
    throw new Fault(`${folder} holds ${manifests.length} images: name it without a tag, each has its own.`)
  const loaded: Loaded[] = []
  for (const one of manifests) {
    const uploader = { place, folder, repository, uploaded: 0 }
    const reference = tag ?? tagIn(one)
    await pushManifest(uploader, one, reference, 0)
    loaded.push({ name: `${repository}:${reference}`, digest: one.digest, uploaded: uploader.uploaded })
  }
  return loaded
}

/** Some tools write a tag there, others a whole name. */
function tagIn({ annotations }: Descriptor): string {
  const tag = (annotations?.[refName] ?? '').replace(/^.*[:/]/, '')
  return isTag(tag) ? tag : 'latest'
}

interface Uploader {
  place: RegistryPlace
  folder: string
  repository: string
  uploaded: number
}

async function pushManifest(to: Uploader, one: Descriptor, reference: string, depth: number): Promise<void> {
  const { place, folder, repository } = to
  const path = pathOf(folder, one)
  if (depth > deepest || one.size > largestManifest) throw new Fault(`${path} is too large or too deep.`)
  const content = await readFile(path).catch(() => missing(path))
  if (digestOf(content, algorithmOf(one.digest)) !== one.digest)
    throw new Fault(`${path} does not hash to its name: copy the folder again.`)
  if (/index|manifest\.list/.test(one.mediaType)) {
    for (const child of read(index, content, path).manifests)
      await pushManifest(to, child, child.digest, depth + 1)
  } else {
    const { config, layers } = read(manifest, content, path)
    for (const blob of [config, ...layers]) {
      const file = pathOf(folder, blob)
      const { size } = await stat(file).catch(() => missing(file))
      // The registry hashes what comes and takes nothing else.
      if (await putBlob(place, repository, blob.digest, { file, size })) to.uploaded += 1
    }
  }
  await putManifest(place, repository, reference, { content, contentType: one.mediaType })
}

function pathOf(folder: string, { digest }: Descriptor): string {
  return join(folder, 'blobs', ...digest.split(':'))
}

function missing(path: string): never {
  throw new Fault(`${path} is missing: copy the folder again.`)
}

function read<T>(schema: z.ZodType<T>, text: Buffer, path: string): T {
  try {
    return schema.parse(JSON.parse(text.toString()))
  } catch {
    throw new Fault(`${path} is no manifest that can be read.`)
  }
}
