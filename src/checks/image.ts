import type { ImageReader, RawManifest } from '../board/registry/types.ts'
import type { Localized } from '../core/text.ts'
import { Inconclusive } from '../lib/errors.ts'
import type { CheckContext, CheckKind, Looked } from './check.ts'
import { compareBase } from './image/base.ts'
import { tellConfig, tellHistory, tellNamed } from './image/config.ts'
import { readFiles } from './image/files.ts'
import { platformOf, resolve, type Resolved } from './image/resolve.ts'
import { configShape, indexShape, parsed, type Config, type Manifest } from './image/shapes.ts'
import { createLayerSource } from './image/source.ts'
import { userIdOf } from './image/user.ts'
import { seeing } from './seen-fault.ts'
import {
  imageFacts,
  imageSpec,
  noConfig,
  nothingThere,
  type ImageFacts,
  type ImageSpec,
} from './image/spec.ts'
import { brief } from './image/words.ts'

const mostBytes = 2 ** 30
const mostEntries = 250_000
const configType = /^application\/vnd\.(oci\.image\.config\.v1|docker\.container\.image\.v1)\+json$/

export const check: CheckKind<ImageSpec, ImageFacts> = {
  kind: 'image',
  spec: imageSpec,
  facts: imageFacts,
  needs: ['registry'],
  look,
  mistaken,
}

async function look(spec: ImageSpec, context: CheckContext): Promise<Looked<ImageFacts>> {
  const { signal } = context
  const reader = context.board.registry
  if (signal.aborted) throw new Inconclusive('Looking at the image was stopped.')
  if (!reader) throw new Inconclusive('This board has no registry to read images from.')
  const { repository } = spec
  const tag = spec.digest === undefined ? (spec.tag ?? 'latest') : ''
  const reference = spec.digest ?? tag
  // A tag may be pushed again meanwhile: all checks of a submission see what the first of them saw.
  const fetch = (wanted: string) =>
    context.memo(`image:${repository}@${wanted}`, () => reader.manifest(repository, wanted, signal))
  const top = await fetch(reference)
  const name = `${reader.host}/${reader.path}/${repository}`
  if (!top) return { facts: { ...nothingThere(spec, tag), name }, evidence: [] }
  const where = `${name}${tag === '' ? `@${reference}` : `:${tag}`}`
  // The digest fixes all else that is read of it, whose reading may take long; what refers to it does not.
  const seen = { what: 'image' as const, revision: top.digest, where, at: new Date().toISOString() }
  const facts = await seeing([seen], () => see(spec, tag, { reader, top, fetch, signal }))
  const evidence = [{ ...seen, ...(spec.referrers && { at: new Date().toISOString() }) }]
  const made = [top.digest, where, facts.referrers?.map(({ digest }) => digest).sort()]
  return { facts: { ...facts, name }, evidence, made }
}

/** A chart, a signature, a file that was pushed with ORAS. */
function mistaken({ artifactType, name, tag, digest }: ImageFacts): Localized | null {
  if (artifactType === '') return null
  const what = `${name}${tag === '' ? `@${digest}` : `:${tag}`}`
  const isChart = artifactType.startsWith('application/vnd.cncf.helm.')
  return {
    en: `${what} is no image but ${isChart ? 'a Helm chart' : 'an artifact'} (${artifactType}): push an image under that name.`,
    fr: `${what} n’est pas une image mais ${isChart ? 'un chart Helm' : 'un artefact'} (${artifactType}) : pousse une image sous ce nom.`,
  }
}

interface ImageToSee {
  reader: ImageReader
  top: RawManifest
  fetch: (reference: string) => Promise<RawManifest | null>
  signal: AbortSignal
}

async function see(spec: ImageSpec, tag: string, sight: ImageToSee): Promise<ImageFacts> {
  const { reader, top, signal } = sight
  const resolved = await resolve(top, spec.platform, sight.fetch)
  const facts = { ...nothingThere(spec, tag), ...tellTop(resolved) }
  const { image } = resolved
  const referrers = spec.referrers ? await readReferrers(spec.repository, sight) : null
  if (!image) return { ...facts, referrers }
  const { manifest } = image
  const source = createLayerSource(reader, spec.repository, signal)
  const isImage = configType.test(manifest.config.mediaType ?? '')
  const config = isImage
    ? parsed('The configuration', await source.config(manifest.config), configShape)
    : null
  const platform = image.platform || (config ? platformOf(config) : '')
  const { layers } = manifest
  const reading = { source, layers, signal, budget: { bytes: mostBytes, entries: mostEntries } }
  const told = tellManifest(manifest, config)
  return {
    ...facts,
    ...told,
    userId: config ? await userIdOf(told.config.user, reading) : -1,
    manifest: image.digest,
    platform,
    platforms: resolved.index ? facts.platforms : [platform],
    referrers,
    ...(isImage && (await readFiles(reading, spec.files, spec.everyLayer))),
    base:
      config && spec.base !== undefined
        ? await compareBase(reader.hunt(), spec.base, { ...reading, config, platform })
        : null,
  }
}

function tellTop({
  top,
  index,
}: Resolved): Pick<ImageFacts, 'found' | 'digest' | 'mediaType' | 'index' | 'platforms'> {
  const images = index?.images.slice(0, 200) ?? []
  const platforms = images.map(({ platform }) => platform)
  const told = index && { ...index, images, annotations: tellNamed(index.annotations) }
  return { found: true, digest: top.digest, mediaType: top.contentType, index: told, platforms }
}

function tellManifest(manifest: Manifest, config: Config | null) {
  const { layers, annotations, artifactType } = manifest
  const sizes = layers.map(({ size }) => size)
  return {
    artifactType: config ? '' : brief(artifactType ?? manifest.config.mediaType),
    config: config ? tellConfig(config) : noConfig,
    history: config ? tellHistory(config) : [],
    annotations: tellNamed(annotations),
    layers: {
      count: layers.length,
      total: sizes.reduce((sum, size) => sum + size, 0),
      sizes,
      digests: layers.map(({ digest }) => brief(digest)),
      mediaTypes: layers.map(({ mediaType }) => brief(mediaType)),
      foreign: layers.filter(({ urls }) => (urls ?? []).length > 0).length,
    },
  }
}

async function readReferrers(
  repository: string,
  { reader, top, signal }: ImageToSee,
): Promise<ImageFacts['referrers']> {
  const raw = await reader.referrers(repository, top.digest, signal)
  if (!raw) return []
  const { manifests } = parsed('The list of referrers', raw.bytes, indexShape)
  return manifests.slice(0, 200).map(({ digest, artifactType, size, annotations }) => ({
    digest: brief(digest),
    artifactType: brief(artifactType),
    size,
    annotations: tellNamed(annotations),
  }))
}
