import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { ImageReader } from '../../board/registry/types.ts'
import { malformed } from './fault.ts'
import { helmTypes, readMetadata, type ChartManifest, type Descriptor, type Metadata } from './shapes.ts'
import { unpack, type Package } from './unpack.ts'

const mostConfig = 2 ** 20
const mostPacked = 8 * 2 ** 20
const mostProvenance = 2 ** 20

interface Contents extends Package {
  /** Of the package, in hexadecimal digits. */
  sha256: string
}

export interface Blobs {
  metadata: Metadata
  contents: Contents
  provenance: { present: boolean; matches: boolean }
}

interface ChartSource {
  reader: ImageReader
  repository: string
  /** What the player knows it by, such as `scroll:1.2.0`. */
  name: string
  signal: AbortSignal
}

/** By digest, and by whose path: what one player has must not be shown by another's chart that only names it. */
const known = new LRUCache<string, Contents>({ maxSize: 16 * 2 ** 20, sizeCalculation: sizeOf })

/** What the manifest names, by media type: the order of the layers is not fixed. */
export async function readBlobs(source: ChartSource, { config, layers }: ChartManifest): Promise<Blobs> {
  const content = theOne(source.name, layers, [helmTypes.content, helmTypes.legacy])
  if (!content) throw malformed(source.name, 'it has no package', 'il n’a pas de paquet')
  const provenance = theOne(source.name, layers, [helmTypes.provenance])
  const metadata = readMetadata(source.name, await blob(source, config, mostConfig))
  const contents = await readContents(source, content)
  if (!provenance) return { metadata, contents, provenance: { present: false, matches: false } }
  const signed = (await blob(source, provenance, mostProvenance)).toString('utf8')
  const matches = signed.includes(`sha256:${contents.sha256}`)
  return { metadata, contents, provenance: { present: true, matches } }
}

/** Of two, clients take now one, now the other. */
function theOne(name: string, layers: readonly Descriptor[], types: readonly string[]): Descriptor | null {
  const [first, second] = layers.filter(({ mediaType }) => types.includes(mediaType))
  if (second) throw malformed(name, `it has several layers ${types[0]}`, `il a plusieurs couches ${types[0]}`)
  return first ?? null
}

async function readContents(source: ChartSource, content: Descriptor): Promise<Contents> {
  const { reader, repository, name, signal } = source
  const key = `${reader.host}/${reader.path}/${repository}@${content.digest}`
  const before = known.get(key)
  if (before) return before
  const packed = await blob(source, content, mostPacked)
  const sha256 = createHash('sha256').update(packed).digest('hex')
  const contents = { ...(await unpack(name, packed, signal)), sha256 }
  known.set(key, contents)
  return contents
}

async function blob(
  { reader, repository, name, signal }: ChartSource,
  { digest }: Descriptor,
  maxBytes: number,
): Promise<Buffer> {
  const bytes = await reader.blob(repository, digest, maxBytes, signal)
  if (bytes) return bytes
  const shown = digest.slice(0, 100)
  throw malformed(name, `${shown} is not in the registry`, `${shown} n’est pas dans le registre`)
}

function sizeOf({ files, kept }: Contents, key: string): number {
  const texts = [...files, ...kept.keys(), ...kept.values(), key]
  return 1024 + texts.reduce((sum, text) => sum + 64 + 2 * text.length, 0)
}
