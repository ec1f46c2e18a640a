import { createHash, type Hash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Header } from 'tar-stream'
import { readTar, type UnpackBudget } from '../../lib/unpack/tar.ts'
import { brief } from './words.ts'

const maxText = 64 * 1024
/** A hard link's target comes before it, so that its content is read by one more round; links to links are nobody's. */
const mostRounds = 3

export interface Entry {
  type: string
  /** The first 64 KiB of a file that was wanted. */
  head: Buffer
  size: number
  mode: number
  uid: number
  gid: number
  /** Empty where the content was not wanted. */
  sha256: string
  link: string
}

/** What one layer says of the wanted paths and of the folders above them. */
export interface LayerReading {
  entries: Map<string, Entry>
  /** Hard links: which path each shares its file with. */
  shared: Map<string, string>
  /** Whiteouts: what is deleted of the layers below. */
  gone: Set<string>
  /** Folders of which nothing is left but what this layer brings. */
  opaque: Set<string>
}

/** Reads what a layer has at `wanted`, hard links with the content of their targets in the same layer. */
export async function readLayer(
  open: () => Promise<Readable>,
  wanted: ReadonlySet<string>,
  budget: UnpackBudget,
  signal: AbortSignal,
): Promise<LayerReading> {
  const paths = new Set(wanted)
  for (let round = 1; ; round += 1) {
    const reading = await readOnce(await open(), paths, budget, signal)
    const targets = [...reading.shared.values()].filter((target) => !paths.has(target))
    if (targets.length === 0 || round === mostRounds) return withShared(reading)
    for (const target of targets) paths.add(target)
  }
}

async function readOnce(
  source: Readable,
  wanted: ReadonlySet<string>,
  budget: UnpackBudget,
  signal: AbortSignal,
): Promise<LayerReading> {
  const watched = withFolders(wanted)
  const reading: LayerReading = { entries: new Map(), shared: new Map(), gone: new Set(), opaque: new Set() }
  let current: { entry: Entry; hash: Hash } | null = null
  const settle = () => {
    if (current) current.entry.sha256 = current.hash.digest('hex')
    current = null
  }
  const visitor = {
    entry(header: Header): boolean {
      settle()
      const path = cleanPath(header.name)
      if (noteWhiteout(reading, watched, path) || !watched.has(path)) return false
      const entry = entryOf(header)
      reading.entries.set(path, entry)
      if (header.type === 'link') reading.shared.set(path, cleanPath(linkOf(header)))
      else reading.shared.delete(path)
      if (entry.type !== 'file' || header.type === 'link' || !wanted.has(path)) return false
      current = { entry, hash: createHash('sha256') }
      return true
    },
    content(chunk: Buffer) {
      if (!current) return
      const room = maxText - current.entry.head.length
      if (room > 0) current.entry.head = Buffer.concat([current.entry.head, chunk.subarray(0, room)])
      current.hash.update(chunk)
    },
  }
  await readTar(source, budget, visitor, signal)
  settle()
  return reading
}

/** From the root, without what climbs out of it: a runtime unpacks it no other way. */
export function cleanPath(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}

function withFolders(paths: ReadonlySet<string>): Set<string> {
  const all = new Set<string>([''])
  for (const path of paths) {
    const parts = path.split('/')
    parts.forEach((_, index) => all.add(parts.slice(0, index + 1).join('/')))
  }
  return all
}

function noteWhiteout(reading: LayerReading, watched: ReadonlySet<string>, path: string): boolean {
  const at = path.lastIndexOf('/') + 1
  const name = path.slice(at)
  if (!name.startsWith('.wh.')) return false
  const folder = path.slice(0, Math.max(0, at - 1))
  const target = path.slice(0, at) + name.slice('.wh.'.length)
  if (name === '.wh..wh..opq') {
    if (watched.has(folder)) reading.opaque.add(folder)
  } else if (watched.has(target)) reading.gone.add(target)
  return true
}

const types: Readonly<Record<string, string>> = {
  file: 'file',
  'contiguous-file': 'file',
  link: 'file',
  directory: 'directory',
  symlink: 'symlink',
  'character-device': 'device',
  'block-device': 'device',
  fifo: 'fifo',
}

/** Null where there is none, whatever the library's types say. */
function linkOf({ linkname }: Header): string {
  return brief(linkname)
}

function entryOf(header: Header): Entry {
  const { type, size, mode, uid, gid } = header
  const number = (value: number | undefined) => (Number.isSafeInteger(value) ? (value ?? 0) : 0)
  return {
    type: types[type] ?? 'other',
    head: Buffer.alloc(0),
    size: type === 'link' ? 0 : number(size),
    mode: number(mode) & 0o7777,
    uid: number(uid),
    gid: number(gid),
    sha256: '',
    link: type === 'symlink' ? linkOf(header) : '',
  }
}

/** A link whose target lies elsewhere is nothing to be read. */
function withShared(reading: LayerReading): LayerReading {
  for (const [path, target] of reading.shared) {
    const file = reading.entries.get(target)
    if (file?.type === 'file' && file.sha256 !== '') reading.entries.set(path, file)
    else reading.entries.delete(path)
  }
  return reading
}
