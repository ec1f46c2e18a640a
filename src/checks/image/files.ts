import type { UnpackBudget } from '../../lib/unpack/tar.ts'
import { cleanPath, readLayer, type Entry, type LayerReading } from './layer.ts'
import { follow, merge } from './merge.ts'
import type { LayerSource } from './source.ts'
import { noFile, type FileFacts, type ImageFacts } from './spec.ts'
import type { Descriptor } from './shapes.ts'
import { textOrNull } from '../../lib/decode-text.ts'

/** Each turn of links to paths that nobody asked for costs one more reading. */
const mostRounds = 4

export interface Reading {
  source: LayerSource
  layers: readonly Descriptor[]
  budget: UnpackBudget
  signal: AbortSignal
}

/** What a container would see at each path, and what each layer has there by itself. */
export async function readFiles(
  reading: Reading,
  paths: readonly string[],
  everyLayer: boolean,
): Promise<Pick<ImageFacts, 'files' | 'layerFiles'>> {
  if (paths.length === 0) return { files: {}, layerFiles: {} }
  const wanted = new Set(paths.map(cleanPath))
  for (let round = 1; ; round += 1) {
    const readings = await readAll(reading, wanted)
    const view = merge(readings)
    const targets = paths.map((path) => follow(view, path))
    const unread = targets.filter((target) => target !== null && !wanted.has(target))
    if (unread.length > 0 && round < mostRounds) {
      for (const target of unread) if (target !== null) wanted.add(target)
      continue
    }
    const files = paths.map((path, at): [string, FileFacts] => [path, tell(view, path, targets[at] ?? null)])
    const layerFiles = everyLayer ? paths.map((path) => [path, tellLayers(readings, path)] as const) : []
    return { files: Object.fromEntries(files), layerFiles: Object.fromEntries(layerFiles) }
  }
}

/** Two at a time: one is unpacked while the other waits for its bytes. */
async function readAll(reading: Reading, wanted: ReadonlySet<string>): Promise<LayerReading[]> {
  const { source, layers, budget } = reading
  const failed = new AbortController()
  const signal = AbortSignal.any([reading.signal, failed.signal])
  const readings: LayerReading[] = []
  const waiting = [...layers.entries()]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [at, layer] = next
      const open = () => source.open(layer)
      const read = () => readLayer(open, wanted, budget, signal)
      readings[at] = await source.remember(layer.digest, wanted, read)
    }
  }
  try {
    await Promise.all([work(), work()])
  } finally {
    failed.abort()
  }
  return readings
}

function tell(view: ReadonlyMap<string, Entry>, path: string, target: string | null): FileFacts {
  const own = view.get(cleanPath(path))
  const link = own?.type === 'symlink' ? own.link : ''
  const entry = target === null ? undefined : view.get(target)
  if (!entry || entry.type === 'symlink') return { ...noFile, type: own ? own.type : '', link }
  return { ...tellEntry(entry), link }
}

function tellLayers(readings: readonly LayerReading[], path: string): ImageFacts['layerFiles'][string] {
  return readings.flatMap(({ entries }, layer) => {
    const entry = entries.get(cleanPath(path))
    return entry ? [{ ...tellEntry(entry), layer }] : []
  })
}

function tellEntry({ type, head, size, mode, uid, gid, sha256, link }: Entry): FileFacts {
  const octal = mode.toString(8).padStart(4, '0')
  const text = textOrNull(head) ?? ''
  return {
    found: true,
    type,
    text,
    complete: size === head.length,
    size,
    mode: octal,
    uid,
    gid,
    sha256,
    link,
  }
}
