import { cleanPath, type Entry, type LayerReading } from './layer.ts'

const mostHops = 40

/** What a container sees: each layer laid over those before it, the lowest first. */
export function merge(readings: readonly LayerReading[]): Map<string, Entry> {
  const view = new Map<string, Entry>()
  const dropBelow = (folder: string) => {
    const prefix = folder === '' ? '' : `${folder}/`
    for (const path of view.keys()) if (path !== folder && path.startsWith(prefix)) view.delete(path)
  }
  for (const { entries, gone, opaque } of readings) {
    for (const folder of opaque) dropBelow(folder)
    for (const path of gone) {
      view.delete(path)
      dropBelow(path)
    }
    for (const [path, entry] of entries) {
      if (entry.type !== 'directory') dropBelow(path)
      view.set(path, entry)
    }
  }
  return view
}

/** Where a path leads through symbolic links, which never lead out of the root; null where they lead in circles. */
export function follow(view: ReadonlyMap<string, Entry>, path: string): string | null {
  let rest = cleanPath(path).split('/')
  let at: string[] = []
  for (let hops = 0; rest.length > 0;) {
    const [part = '', ...after] = rest
    rest = after
    if (part === '..') at.pop()
    if (part === '' || part === '.' || part === '..') continue
    const link = view.get([...at, part].join('/'))
    if (link?.type !== 'symlink') {
      at.push(part)
      continue
    }
    hops += 1
    if (hops > mostHops) return null
    if (link.link.startsWith('/')) at = []
    rest = [...link.link.split('/'), ...rest]
  }
  return at.join('/')
}
