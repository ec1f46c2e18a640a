import { z } from 'zod'

/** The registry knows the whole grammar; this tells an author's slip. Templates are rendered later. */
const written = (pattern: RegExp, what: string) =>
  z
    .string()
    .min(1)
    .max(255)
    .refine((text) => text.includes('{{') || pattern.test(text), what)
const path = z
  .string()
  .min(1)
  .max(1000)
  .refine((text) => !text.split('/').includes('..'), 'a path from the root of the image, such as etc/motd')

export const imageSpec = z
  .strictObject({
    repository: written(
      /^[a-z0-9][a-z0-9._/-]*$/,
      'a repository below the player’s path, such as scroll',
    ).describe('Below the player’s path in the registry.'),
    tag: written(/^\w[\w.-]{0,127}$/, 'a tag, such as 1.0')
      .optional()
      .describe('`latest` when neither it nor `digest` is said.'),
    digest: written(
      /^sha256:[0-9a-f]{64}$|^sha512:[0-9a-f]{128}$/,
      'a digest, such as sha256: and 64 hexadecimal digits',
    ).optional(),
    platform: z
      .string()
      .regex(/^[a-z0-9]+\/[a-z0-9_]+(\/[a-z0-9.]+)?$/, 'a platform, such as linux/amd64')
      .optional()
      .describe('Which of an index is looked at; linux/amd64 when not said, or else the first.'),
    files: z.array(path).max(50).default([]).describe('Paths that are read out of the layers.'),
    everyLayer: z
      .boolean()
      .default(false)
      .describe('Also read `files` in each layer by itself, where what a later layer deletes still is.'),
    referrers: z
      .boolean()
      .default(false)
      .describe('Also ask what refers to the image: signatures, lists of parts.'),
    base: z
      .string()
      .regex(/^hunt\/[^:@]+[:@].+$/, 'an image of the hunt, such as hunt/base:1')
      .optional()
      .describe('An image under `hunt/` whose layers the image’s own should begin with.'),
  })
  .refine((spec) => spec.tag === undefined || spec.digest === undefined, 'either tag or digest, not both')
export type ImageSpec = z.output<typeof imageSpec>

const text = z.string()
const texts = z.array(text)
const named = z.record(text, text)

const file = z.object({
  found: z.boolean(),
  type: text.describe('file, directory, symlink, device, fifo; empty where there is nothing.'),
  text: text.describe('The first 64 KiB of a file as UTF-8; empty where it is binary.'),
  complete: z.boolean().describe('`text` is all of it.'),
  size: z.int(),
  mode: text.describe('Four octal digits, such as 0755.'),
  uid: z.int(),
  gid: z.int(),
  sha256: text.describe('Of the whole content; empty for what is no file.'),
  link: text.describe('Where a link leads; empty for others.'),
})
export type FileFacts = z.output<typeof file>

export const imageFacts = z.object({
  found: z.boolean().describe('The tag or digest names something.'),
  name: text.describe('As a pod names it without tag and digest, such as registry.example.org/tara/scroll.'),
  tag: text.describe('Empty where a digest was asked for.'),
  digest: text.describe('What the tag names: an index, or the image itself.'),
  mediaType: text,
  manifest: text.describe(
    'Digest of the image that was looked at; empty where the index has none for the platform.',
  ),
  artifactType: text.describe('Of what is no image; empty for an image.'),
  platform: text.describe('Of the image that was looked at, such as linux/amd64.'),
  platforms: texts.describe('All that the index names, or the image’s own.'),
  index: z
    .object({
      images: z.array(z.object({ platform: text, digest: text, size: z.int() })),
      attestations: z.int().describe('Set aside: they are no platforms.'),
      annotations: named,
    })
    .nullable()
    .describe('null where the tag names an image directly.'),
  config: z.object({
    user: text.describe('As USER says it; empty is root.'),
    env: named,
    entrypoint: texts,
    cmd: texts,
    ports: texts.describe('Such as 8080/tcp, in order.'),
    labels: named,
    workdir: text,
    volumes: texts,
    stopSignal: text,
    healthcheck: texts.describe('Its words, such as CMD; empty where there is none.'),
    created: text,
  }),
  userId: z
    .int()
    .describe(
      'The number that USER stands for, whatever its group: 0 is root, as is no USER; that of a name stands in /etc/passwd of the image, -1 where it does not.',
    ),
  layers: z.object({
    count: z.int(),
    total: z.int().describe('Bytes as they are pulled, packed.'),
    sizes: z.array(z.int()),
    digests: texts,
    mediaTypes: texts,
    foreign: z.int().describe('How many name addresses elsewhere; these are never followed.'),
  }),
  history: z.array(z.object({ createdBy: text, created: text, comment: text, empty: z.boolean() })),
  annotations: named,
  referrers: z
    .array(z.object({ digest: text, artifactType: text, size: z.int(), annotations: named }))
    .nullable()
    .describe('When `referrers: true` asks for them.'),
  files: z.record(text, file).describe('What a container would see at each path that `files` names.'),
  layerFiles: z
    .record(text, z.array(file.extend({ layer: z.int().describe('From 0, the lowest.') })))
    .describe('With `everyLayer`: each layer’s own, links as they are.'),
  base: z
    .object({ reference: text, matches: z.boolean(), layers: z.int() })
    .nullable()
    .describe('`matches`: the image begins with the base’s layers, packed anew or not.'),
})
export type ImageFacts = z.output<typeof imageFacts>

export const noConfig: ImageFacts['config'] = {
  user: '',
  env: {},
  entrypoint: [],
  cmd: [],
  ports: [],
  labels: {},
  workdir: '',
  volumes: [],
  stopSignal: '',
  healthcheck: [],
  created: '',
}

export const noFile: FileFacts = {
  found: false,
  type: '',
  text: '',
  complete: true,
  size: 0,
  mode: '',
  uid: 0,
  gid: 0,
  sha256: '',
  link: '',
}

/** What is seen where nothing is: every fact in its empty form. */
export function nothingThere(spec: ImageSpec, tag: string): ImageFacts {
  return {
    found: false,
    name: '',
    tag,
    digest: '',
    mediaType: '',
    manifest: '',
    artifactType: '',
    platform: '',
    platforms: [],
    index: null,
    config: noConfig,
    userId: -1,
    layers: { count: 0, total: 0, sizes: [], digests: [], mediaTypes: [], foreign: 0 },
    history: [],
    annotations: {},
    referrers: spec.referrers ? [] : null,
    files: Object.fromEntries(spec.files.map((path) => [path, noFile])),
    layerFiles: spec.everyLayer ? Object.fromEntries(spec.files.map((path) => [path, []])) : {},
    base: null,
  }
}
