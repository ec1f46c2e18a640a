import { createHash } from 'node:crypto'
import { Inconclusive } from '../../lib/errors.ts'
import type { ImageReader } from '../../board/registry/types.ts'
import { readTar } from '../../lib/unpack/tar.ts'
import type { Reading } from './files.ts'
import { resolve } from './resolve.ts'
import { configShape, parsed, type Config } from './shapes.ts'
import { createLayerSource } from './source.ts'
import type { ImageFacts } from './spec.ts'

/**
 * Whether an image begins with the layers of one of the hunt's. A builder may pack a base's layers anew: then their unpacked
 * bytes are hashed, since what the image says of them proves nothing. Throws `Inconclusive` where the hunt has no such image.
 */
export async function compareBase(
  hunt: ImageReader,
  reference: string,
  own: Reading & { config: Config; platform: string },
): Promise<ImageFacts['base']> {
  const [, repository = '', sign = ':', name = ''] = /^hunt\/([^:@]+)([:@])(.+)$/.exec(reference) ?? []
  const fetch = (wanted: string) => hunt.manifest(repository, wanted, own.signal)
  const top = await fetch(name)
  const image = top && (await resolve(top, own.platform, fetch)).image
  if (!image) throw new Inconclusive(`The registry holds no ${reference} for ${own.platform}.`)
  const { layers, config } = image.manifest
  const facts = { reference: `hunt/${repository}${sign}${name}`, layers: layers.length }
  if (layers.length === 0 || layers.length > own.layers.length) return { ...facts, matches: false }
  const differ = layers.flatMap(({ digest }, at) => (own.layers[at]?.digest === digest ? [] : [at]))
  if (differ.length === 0) return { ...facts, matches: true }
  const bytes = await createLayerSource(hunt, repository, own.signal).config(config)
  const base = diffsOf(parsed(`The configuration of ${reference}`, bytes, configShape))
  const declared = diffsOf(own.config)
  if (differ.some((at) => base[at] === undefined || base[at] !== declared[at]))
    return { ...facts, matches: false }
  for (const at of differ)
    if ((await unpackedDigest(own, at)) !== base[at]) return { ...facts, matches: false }
  return { ...facts, matches: true }
}

const diffsOf = ({ rootfs }: Config): readonly string[] => rootfs?.diff_ids ?? []

async function unpackedDigest({ source, layers, budget, signal }: Reading, at: number): Promise<string> {
  const layer = layers[at]
  if (!layer) return ''
  return await source.rememberUnpacked(layer.digest, async () => {
    const hash = createHash('sha256')
    const visitor = {
      entry: () => false,
      content: () => undefined,
      raw: (chunk: Buffer) => void hash.update(chunk),
    }
    await readTar(await source.open(layer), budget, visitor, signal)
    return `sha256:${hash.digest('hex')}`
  })
}
