import { z } from 'zod'
import { isRepository, isTag } from './image-names.ts'

export const mostStarterImages = 20
/** Of all files in all layers of a challenge's images, unpacked. */
export const mostStarterBytes = 16 * 2 ** 20

const path = z
  .string()
  .refine(
    isLayerPath,
    'a path below / without a slash before it, such as root/ferry.key; what is deleted stands in remove',
  )
const folder = z.string().min(1).describe('Folder beside images.yaml, laid at /.')
const line = z.string().min(1).max(1000)
const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'the name of a variable, such as PATH')
const base = z
  .string()
  .refine((text) => baseOf(text) !== null, 'an image of the hunt, such as hunt/hearth:1.0')

const layer = z
  .strictObject({
    createdBy: line.describe('What the history says made it, such as COPY ferry.key /root/ferry.key.'),
    add: folder.optional(),
    write: z.record(path, z.string()).default({}).describe('Texts by path.'),
    executable: z.array(path).default([]).describe('Files of this layer that may be run.'),
    remove: z.array(path).default([]).describe('Paths of layers below, which disappear.'),
  })
  .superRefine(({ write, remove }, context) => {
    for (const [index, removed] of remove.entries())
      if (Object.hasOwn(write, removed))
        context.addIssue({
          code: 'custom',
          path: ['remove', index],
          message: `${removed} is written and removed in one layer: make two layers of it`,
        })
  })

const config = z
  .strictObject({
    user: z.string().max(200),
    env: z.record(name, z.string()),
    entrypoint: z.array(z.string()),
    cmd: z.array(z.string()),
    ports: z.array(z.string().regex(/^\d{1,5}(\/(tcp|udp))?$/, 'a port, such as 8080/tcp')),
    labels: z.record(z.string().min(1), z.string()),
    workdir: z.string().startsWith('/', 'a folder from the root, such as /work'),
  })
  .partial()
export type StarterConfig = z.infer<typeof config>

/** `images/images.yaml` (or `images.yaml.hbs`): images that a player finds below their path when the challenge opens. */
export const imagesFile = z
  .strictObject({
    images: z
      .array(
        z.strictObject({
          repository: z
            .string()
            .refine((text) => text.length <= 200 && isRepository(text), 'a name in lower case, such as chest')
            .describe('Below the player’s path.'),
          tag: z.string().refine(isTag, 'a tag, such as 1.0 (in quotes)'),
          base: base.optional().describe('Image of the hunt whose layers come first.'),
          layers: z.array(layer).min(1).max(50),
          config: config.default({}).describe('Overlays what the base says.'),
        }),
      )
      .min(1)
      .max(mostStarterImages),
  })
  .superRefine(({ images }, context) => {
    const names = images.map(({ repository, tag }) => `${repository}:${tag}`)
    const seen = new Set<string>()
    for (const [index, one] of names.entries()) {
      if (seen.has(one))
        context.addIssue({
          code: 'custom',
          path: ['images', index, 'repository'],
          message: `two images have the name ${one}`,
        })
      seen.add(one)
    }
  })
export type ImagesFile = z.infer<typeof imagesFile>

/** A layer as it is uploaded: a tar packed with gzip. */
export interface LayerBlob {
  digest: string
  /** Digest of the tar. */
  diffId: string
  content: Buffer
}

/** An image with one player's values, but for what its base says. The same values give the same bytes. */
export interface BuiltImage {
  /** Below the player's path. */
  repository: string
  tag: string
  /** Below `hunt/`. `reference`: a tag or a digest. */
  base: { repository: string; reference: string } | null
  /** `blob`: null where the step changes no file. */
  layers: readonly { createdBy: string; blob: LayerBlob | null }[]
  config: StarterConfig
}

/** What `hunt/hearth:1.0` or `hunt/hearth@sha256:…` names; null where it is neither. */
export function baseOf(text: string): BuiltImage['base'] {
  const [, repository = '', tag, digest] =
    /^hunt\/([^:@]+)(?::([^:@]+)|@(sha256:[0-9a-f]{64}))$/.exec(text) ?? []
  if (!isRepository(repository) || (tag !== undefined && !isTag(tag))) return null
  return { repository, reference: tag ?? digest ?? '' }
}

/** Names that begin with `.wh.` are how a layer says that something is gone. */
function isLayerPath(text: string): boolean {
  if (text.length === 0 || text.length > 1000 || text.includes('\0')) return false
  return text.split('/').every((part) => part !== '' && !/^\.{1,2}$/.test(part) && !part.startsWith('.wh.'))
}
