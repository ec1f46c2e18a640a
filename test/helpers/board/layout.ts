import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { layerOf, type LayerEntry } from './images.ts'
import { run } from './run.ts'

export type Compression = 'none' | 'gzip' | 'zstd'

export interface Layout {
  layers: (LayerEntry[] | { entries: LayerEntry[]; compression: Compression })[]
  config?: Record<string, unknown>
  /** Beside `architecture`, `os`, `config` and `rootfs`. */
  more?: Record<string, unknown>
  annotations?: Record<string, string>
  architecture?: string
}

export interface Blob {
  mediaType: string
  digest: string
  size: number
  bytes: Buffer
}

export interface BuiltImage {
  manifest: Blob
  config: Blob
  layers: Blob[]
}

const types = 'application/vnd.oci.image'

export function blobOf(mediaType: string, bytes: Buffer): Blob {
  return { mediaType, digest: sha256(bytes), size: bytes.length, bytes }
}

/** An image from nothing, in memory. */
export async function imageOf(layout: Layout): Promise<BuiltImage> {
  const tars = await Promise.all(
    layout.layers.map(async (layer) => {
      const { entries, compression } = Array.isArray(layer)
        ? { entries: layer, compression: 'gzip' as const }
        : layer
      return { tar: await layerOf(entries), compression }
    }),
  )
  const layers = await Promise.all(
    tars.map(async ({ tar, compression }) => {
      const suffix = compression === 'none' ? '' : `+${compression}`
      return blobOf(`${types}.layer.v1.tar${suffix}`, await compressed(tar, compression))
    }),
  )
  const config = jsonBlob(`${types}.config.v1+json`, {
    architecture: layout.architecture ?? 'amd64',
    os: 'linux',
    config: layout.config ?? {},
    rootfs: { type: 'layers', diff_ids: tars.map(({ tar }) => sha256(tar)) },
    ...layout.more,
  })
  const manifest = jsonBlob(`${types}.manifest.v1+json`, {
    schemaVersion: 2,
    mediaType: `${types}.manifest.v1+json`,
    config: descriptor(config),
    layers: layers.map(descriptor),
    ...(layout.annotations && { annotations: layout.annotations }),
  })
  return { manifest, config, layers }
}

export function jsonBlob(mediaType: string, content: unknown): Blob {
  return blobOf(mediaType, Buffer.from(JSON.stringify(content)))
}

export function descriptor({ mediaType, digest, size }: Blob) {
  return { mediaType, digest, size }
}

/** Writes what `top` names, with all that it refers to, as a folder in the OCI layout. */
export async function writeLayout(folder: string, top: Blob, blobs: readonly Blob[]): Promise<void> {
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true })
  for (const { digest, bytes } of [top, ...blobs])
    await writeFile(join(folder, 'blobs', 'sha256', digest.slice('sha256:'.length)), bytes)
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  const index = { schemaVersion: 2, manifests: [descriptor(top)] }
  await writeFile(join(folder, 'index.json'), JSON.stringify(index))
}

/** Writes the blobs as an OCI layout and pushes what `top` names, with all that it refers to, by skopeo. */
export async function pushLayout(target: string, top: Blob, blobs: readonly Blob[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-layout-'))
  try {
    await writeLayout(folder, top, blobs)
    const insecure = ['--insecure-policy', 'copy', '--all', '--preserve-digests', '--dest-tls-verify=false']
    await run('skopeo', [...insecure, `oci:${folder}`, `docker://${target}`])
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Builds an image and pushes it, such as to `127.0.0.1:5000/tara/scroll:1.0`. */
export async function pushImage(target: string, layout: Layout): Promise<BuiltImage> {
  const image = await imageOf(layout)
  await pushLayout(target, image.manifest, [image.config, ...image.layers])
  return image
}

async function compressed(tar: Buffer, compression: Compression): Promise<Buffer> {
  if (compression === 'none') return tar
  return compression === 'gzip' ? gzipSync(tar) : await zstdOf(tar)
}

/** As the program that everybody packs with does. */
export async function zstdOf(bytes: Buffer): Promise<Buffer> {
  const running = promisify(execFile)('zstd', ['-q', '-c'], { encoding: 'buffer', maxBuffer: 2 ** 28 })
  running.child.stdin?.end(bytes)
  return (await running).stdout
}

function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
