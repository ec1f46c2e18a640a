import type { Readable } from 'node:stream'
import { LRUCache } from 'lru-cache'
import type { ImageReader } from '../../board/registry/types.ts'
import { PlayerFault } from '../../lib/errors.ts'
import type { LayerReading } from './layer.ts'
import type { Descriptor } from './shapes.ts'

const maxConfig = 2 ** 20
const overhead = 1024

/** By digest, and by whose path: what one player has must not be shown by another's image that only names it. */
const configs = new LRUCache<string, Buffer>({
  maxSize: 8 * 2 ** 20,
  sizeCalculation: (bytes) => bytes.length + overhead,
})
const readings = new LRUCache<string, LayerReading>({ maxSize: 32 * 2 ** 20, sizeCalculation: sizeOf })
const unpacked = new LRUCache<string, string>({ max: 10_000 })

/** The blobs of one repository, of which what was read once is remembered. */
export interface LayerSource {
  /** Throws `PlayerFault` where the repository does not hold it. */
  config(descriptor: Descriptor): Promise<Buffer>
  open(layer: Descriptor): Promise<Readable>
  remember(
    digest: string,
    wanted: ReadonlySet<string>,
    read: () => Promise<LayerReading>,
  ): Promise<LayerReading>
  /** The digest of a layer's unpacked bytes. */
  rememberUnpacked(digest: string, read: () => Promise<string>): Promise<string>
}

export function createLayerSource(reader: ImageReader, repository: string, signal: AbortSignal): LayerSource {
  const whose = `${reader.host}/${reader.path}/${repository}@`
  return {
    config: ({ digest }) =>
      kept(configs, whose + digest, async () => {
        const bytes = await reader.blob(repository, digest, maxConfig, signal)
        if (!bytes) throw missing(digest, false)
        return bytes
      }),
    async open({ digest, urls }) {
      const stream = await reader.openBlob(repository, digest, signal)
      if (!stream) throw missing(digest, (urls ?? []).length > 0)
      return stream
    },
    remember: (digest, wanted, read) =>
      kept(readings, `${whose}${digest} ${JSON.stringify([...wanted].sort())}`, read),
    rememberUnpacked: (digest, read) => kept(unpacked, whose + digest, read),
  }
}

async function kept<Value extends object | string>(
  cache: LRUCache<string, Value>,
  key: string,
  read: () => Promise<Value>,
): Promise<Value> {
  const known = cache.get(key)
  if (known !== undefined) return known
  const value = await read()
  cache.set(key, value)
  return value
}

function sizeOf({ entries }: LayerReading, key: string): number {
  let size = overhead + key.length
  for (const [path, { head, link }] of entries) size += overhead + path.length + link.length + head.length
  return size
}

function missing(digest: string, elsewhere: boolean): PlayerFault {
  const [name, why] = [digest.slice(0, 150), elsewhere ? ' (its address elsewhere is never followed)' : '']
  const pourquoi = elsewhere ? ' (son adresse ailleurs n’est jamais suivie)' : ''
  return new PlayerFault(
    `The image names ${name}, which is not in the repository${why}: push the whole image.`,
    `L’image nomme ${name}, absent du dépôt${pourquoi} : poussez toute l’image.`,
  )
}
