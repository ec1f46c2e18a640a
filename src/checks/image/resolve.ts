import type { RawManifest } from '../../board/registry/types.ts'
import { PlayerFault } from '../../lib/errors.ts'
import { indexShape, manifestShape, parsed, type Descriptor, type Manifest } from './shapes.ts'

/** An index in an index is legal; more than this is somebody's game. */
const deepest = 4
const mostManifests = 20

export interface IndexFacts {
  images: { platform: string; digest: string; size: number }[]
  attestations: number
  annotations: Record<string, string>
}

export interface Resolved {
  /** What the tag names. */
  top: RawManifest
  index: IndexFacts | null
  /** null where the index has none for the platform. */
  image: { digest: string; manifest: Manifest; /** Empty where no index says it. */ platform: string } | null
}

/** Goes from what a tag names to the image for one platform. Throws `PlayerFault` for what leads in circles or nowhere. */
export async function resolve(
  top: RawManifest,
  platform: string | undefined,
  fetch: (digest: string) => Promise<RawManifest | null>,
): Promise<Resolved> {
  const index = isIndex(top) ? await listed(top, fetch) : null
  if (!index) {
    const manifest = parsed('The manifest', top.bytes, manifestShape)
    return { top, index, image: { digest: top.digest, manifest, platform: '' } }
  }
  const chosen = choose(index.images, platform)
  if (!chosen) return { top, index, image: null }
  const raw = await fetch(chosen.digest)
  if (!raw) throw missing(chosen.digest)
  const manifest = parsed('The manifest', raw.bytes, manifestShape)
  return { top, index, image: { digest: raw.digest, manifest, platform: chosen.platform } }
}

async function listed(
  top: RawManifest,
  fetch: (digest: string) => Promise<RawManifest | null>,
): Promise<IndexFacts> {
  const facts: IndexFacts = { images: [], attestations: 0, annotations: {} }
  const seen = new Set<string>()
  const walk = async (raw: RawManifest, depth: number): Promise<void> => {
    if (depth > deepest || seen.size >= mostManifests || seen.has(raw.digest)) throw circular()
    seen.add(raw.digest)
    const { manifests, annotations } = parsed('The index', raw.bytes, indexShape)
    if (depth === 1) facts.annotations = { ...annotations }
    for (const child of manifests) {
      if (isAttestation(child)) facts.attestations += 1
      else if (isIndex({ contentType: child.mediaType ?? '' })) {
        const inner = await fetch(child.digest)
        if (!inner) throw missing(child.digest)
        await walk(inner, depth + 1)
      } else
        facts.images.push({ platform: platformOf(child.platform), digest: child.digest, size: child.size })
    }
  }
  await walk(top, 1)
  return facts
}

function choose(images: IndexFacts['images'], platform: string | undefined) {
  if (platform === undefined) return images.find((image) => image.platform === 'linux/amd64') ?? images[0]
  return images.find((image) => image.platform === platform || image.platform.startsWith(`${platform}/`))
}

export function platformOf(
  platform:
    | {
        os?: string | null | undefined
        architecture?: string | null | undefined
        variant?: string | null | undefined
      }
    | null
    | undefined,
): string {
  const { os, architecture, variant } = platform ?? {}
  return [os, architecture, variant].filter(Boolean).join('/').slice(0, 100)
}

function isIndex({ contentType }: { contentType: string }): boolean {
  return /^application\/vnd\.(oci\.image\.index\.v1|docker\.distribution\.manifest\.list\.v2)\+json$/.test(
    contentType,
  )
}

/** BuildKit lays what it attests beside the images, as a platform that is none. */
function isAttestation({ platform, annotations }: Descriptor): boolean {
  const kind = annotations?.['vnd.docker.reference.type']
  return kind === 'attestation-manifest' || platformOf(platform) === 'unknown/unknown'
}

function missing(digest: string): PlayerFault {
  return new PlayerFault(
    `The index names ${digest.slice(0, 150)}, which is not in the repository: push all platforms.`,
    `L’index nomme ${digest.slice(0, 150)}, absent du dépôt : poussez toutes les plateformes.`,
  )
}

function circular(): PlayerFault {
  return new PlayerFault(
    `The index holds others deeper than ${deepest}, or more than ${mostManifests}: push one index with all platforms.`,
    `L’index en contient d’autres sur plus de ${deepest} niveaux, ou plus de ${mostManifests} : poussez un seul index.`,
  )
}
