import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack, type Header } from 'tar-stream'
import type { ImageReader } from '../../src/board/registry/types.ts'
import { TooLarge } from '../../src/lib/errors.ts'

export const chartTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.cncf.helm.config.v1+json',
  content: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  provenance: 'application/vnd.cncf.helm.chart.provenance.v1.prov',
}
/** What helm would push beside the Chart.yaml of `writeChart`. */
export const about = { apiVersion: 'v2', name: 'chest', version: '0.1.0', appVersion: '1.2' }
export const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex')

export type Piece = Partial<Header> & { name: string; text?: string | Buffer }

/** A chart's package, as `helm package` never makes some of them. */
export async function packageOf(pieces: readonly Piece[]): Promise<Buffer> {
  const tar = pack()
  for (const { text, ...header } of pieces) tar.entry(header, text ?? '')
  tar.finalize()
  return gzipSync(await buffer(tar))
}

export interface PushedChart {
  layers: { mediaType: string; bytes: Buffer }[]
  config?: object
  configType?: string
  annotations?: Record<string, string>
}

/** A reader over memory: helm and a real registry would refuse to push most of what is read here. */
export function chartReader({
  layers,
  config = about,
  configType = chartTypes.config,
  annotations,
}: PushedChart): ImageReader {
  const blobs = new Map<string, Buffer>()
  const put = (mediaType: string, bytes: Buffer) => {
    const digest = `sha256:${sha256(bytes)}`
    blobs.set(digest, bytes)
    return { mediaType, digest, size: bytes.length }
  }
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      config: put(configType, Buffer.from(JSON.stringify(config))),
      layers: layers.map(({ mediaType, bytes }) => put(mediaType, bytes)),
      ...(annotations && { annotations }),
    }),
  )
  const reader: Partial<ImageReader> = {
    host: 'registry.example.org',
    path: 'tara',
    manifest: (repository, tag) =>
      Promise.resolve(
        repository === 'chest' && tag === '0.1.0'
          ? { digest: `sha256:${sha256(manifest)}`, contentType: chartTypes.manifest, bytes: manifest }
          : null,
      ),
    blob: (_, digest, maxBytes) => {
      const bytes = blobs.get(digest) ?? null
      if (bytes && bytes.length > maxBytes) throw new TooLarge('too long')
      return Promise.resolve(bytes)
    },
    tags: () => Promise.resolve({ tags: ['0.1.0'], truncated: false }),
  }
  return reader as ImageReader
}
