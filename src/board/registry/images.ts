import { Transform, pipeline, type Readable, type TransformCallback } from 'node:stream'
import { isRepository, isTag } from '../../core/image-names.ts'
import { PlayerFault } from '../../lib/errors.ts'
import { ask, stream, wholeBody, type RegistryPlace } from './client.ts'
import { algorithmOf, digestOf, hashFor, isDigest } from './grammar.ts'
import { repositoriesUnder, tagsOf } from './lists.ts'
import type { ImageReader, RawManifest } from './types.ts'

export interface ImageReaderOptions extends RegistryPlace {
  /** Host (and port) as clients and nodes name it. */
  host: string
  /** The player's path, such as `tara`. */
  path: string
}

const ociIndex = 'application/vnd.oci.image.index.v1+json'
/** A registry that is not told of all four answers with another manifest than the tag names, or that there is none. */
const manifestTypes = [
  ociIndex,
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]
const maxManifest = 4 * 2 ** 20
const blobMs = 30_000
const streamMs = 300_000

export function createImageReader(options: ImageReaderOptions): ImageReader {
  const nameOf = (repository: string) => `${options.path}/${repository}`
  const isKnown = (repository: string, reference: string) =>
    isRepository(nameOf(repository)) && (isTag(reference) || isDigest(reference))
  const callFor = (repository: string, rest: string, signal: AbortSignal) => ({
    path: `/v2/${nameOf(repository)}/${rest}`,
    scope: `repository:${nameOf(repository)}:pull`,
    signal,
  })
  const manifest: ImageReader['manifest'] = async (repository, reference, signal) => {
    if (!isKnown(repository, reference)) return null
    const call = callFor(repository, `manifests/${reference}`, signal)
    const answer = await ask(options, { ...call, accept: manifestTypes, maxBytes: maxManifest })
    if (!answer) return null
    const bytes = wholeBody(answer, `The manifest ${repository}:${reference}`, maxManifest)
    const { 'content-type': type = '', 'docker-content-digest': said = '' } = answer.headers
    return checked(bytes, type, isDigest(reference) ? reference : said)
  }
  return {
    host: options.host,
    path: options.path,
    manifest,
    async blob(repository, digest, maxBytes, signal) {
      if (!isKnown(repository, digest) || !isDigest(digest)) return null
      const call = { ...callFor(repository, `blobs/${digest}`, signal), totalMs: blobMs }
      const answer = await ask(options, { ...call, maxBytes })
      if (!answer) return null
      const bytes = wholeBody(answer, `The blob ${digest}`, maxBytes)
      if (digestOf(bytes, algorithmOf(digest)) !== digest) throw forged(digest)
      return bytes
    },
    async openBlob(repository, digest, signal) {
      if (!isKnown(repository, digest) || !isDigest(digest)) return null
      const call = { ...callFor(repository, `blobs/${digest}`, signal), totalMs: streamMs }
      const bytes = await stream(options, call)
      return bytes && verified(bytes, digest)
    },
    async tags(repository, signal) {
      if (!isRepository(nameOf(repository))) return { tags: [], truncated: false }
      return await tagsOf(options, nameOf(repository), signal)
    },
    async referrers(repository, digest, signal) {
      if (!isKnown(repository, digest) || !isDigest(digest)) return null
      const call = {
        ...callFor(repository, `referrers/${digest}`, signal),
        accept: [ociIndex],
        optional: true,
      }
      const answer = await ask(options, { ...call, maxBytes: maxManifest })
      // Distribution keeps no such list: there clients push it under a tag.
      if (!answer) return await manifest(repository, digest.replace(':', '-'), signal)
      const bytes = wholeBody(answer, `The list of what refers to ${digest}`, maxManifest)
      return checked(bytes, answer.headers['content-type'] ?? '', '')
    },
    repositories: (signal) => repositoriesUnder(options, options.path, signal),
    hunt: () => createImageReader({ ...options, path: 'hunt' }),
  }
}

function checked(bytes: Buffer, type: string, digest: string): RawManifest {
  const contentType = (type.split(';')[0] ?? '').trim().toLowerCase()
  const own = digestOf(bytes, isDigest(digest) ? algorithmOf(digest) : 'sha256')
  if (isDigest(digest) && own !== digest) throw forged(digest)
  const mediaType = mediaTypeIn(bytes)
  if (mediaType !== null && mediaType !== contentType)
    throw new PlayerFault(
      `The manifest says that it is ${shown(mediaType)}, and the registry that it is ${shown(contentType)}: push it again with one media type.`,
      `Le manifeste se dit ${shown(mediaType)} et le registre le dit ${shown(contentType)} : poussez-le à nouveau avec un seul type.`,
    )
  return { digest: own, contentType, bytes }
}

/** null where it says none, which OCI allows, or is no JSON, which shows when it is read. */
function mediaTypeIn(bytes: Buffer): string | null {
  try {
    const { mediaType } = JSON.parse(bytes.toString()) as { mediaType?: unknown }
    return typeof mediaType === 'string' ? mediaType : null
  } catch {
    return null
  }
}

function verified(bytes: Readable, digest: string): Readable {
  const hash = hashFor(digest)
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      hash.update(chunk)
      done(null, chunk)
    },
    flush(done) {
      done(`${algorithmOf(digest)}:${hash.digest('hex')}` === digest ? null : forged(digest))
    },
  })
  return pipeline(bytes, hashing, () => undefined)
}

function forged(digest: string): PlayerFault {
  return new PlayerFault(
    `What the registry holds as ${digest} has another digest: push the image again.`,
    `Ce que le registre garde sous ${digest} a une autre empreinte : pousse l’image à nouveau.`,
  )
}

function shown(type: string): string {
  return JSON.stringify(type.slice(0, 100))
}
