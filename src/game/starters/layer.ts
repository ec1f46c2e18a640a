import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack, type Header } from 'tar-stream'
import type { StarterFile } from '../../core/history.ts'
import type { LayerBlob } from '../../core/starter-images.ts'

/** When everything in starter images was made. */
export const starterTime = '2021-03-01T08:00:00Z'

/** Folders that everybody writes to, with or without a base that has them. */
const shared: ReadonlySet<string> = new Set(['tmp', 'var/tmp'])
/** Where the header of gzip names the system that packed it. */
const systemByte = 9

/** One layer of an OCI image, the same bytes for the same files. What is removed comes first, as whiteouts. */
export async function packLayer(
  files: readonly StarterFile[],
  removed: readonly string[],
): Promise<LayerBlob> {
  const tar = pack()
  const packed = buffer(tar)
  const add = (header: Pick<Header, 'name'> & Partial<Header>, content: Buffer = Buffer.alloc(0)) =>
    tar.entry({ ...header, uid: 0, gid: 0, mtime: new Date(starterTime) }, content)
  for (const path of [...removed].sort()) add({ name: whiteout(path), mode: 0o644, size: 0 })
  const known = new Set<string>()
  for (const { path, mode, content } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    // Where a layer lacks them, some runtimes make folders that only root may enter.
    for (const folder of foldersOf(path).filter((one) => !known.has(one))) {
      known.add(folder)
      add({ name: `${folder}/`, type: 'directory', mode: shared.has(folder) ? 0o1777 : 0o755 })
    }
    if (mode === '120000') add({ name: path, type: 'symlink', mode: 0o777, linkname: content.toString() })
    else add({ name: path, mode: mode === '100755' ? 0o755 : 0o644, size: content.length }, content)
  }
  tar.finalize()
  const bytes = await packed
  const content = gzipSync(bytes, { level: 9 })
  content[systemByte] = 255
  return { digest: digestOf(content), diffId: digestOf(bytes), content }
}

function whiteout(path: string): string {
  const slash = path.lastIndexOf('/') + 1
  return `${path.slice(0, slash)}.wh.${path.slice(slash)}`
}

/** Those that hold a path, the outermost first. */
export function foldersOf(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
