import { Readable, Transform, type TransformCallback } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { decodeText } from '../../lib/decode-text.ts'
import { Inconclusive, PlayerFault } from '../../lib/errors.ts'
import { malformed, tooLarge } from './fault.ts'

export const mostUnpacked = 32 * 2 ** 20
const mostEntries = 2000
const deepest = 20
const longest = 500
const mostKept = 2 ** 20
const keptNames: ReadonlySet<string> = new Set(['Chart.yaml', 'values.yaml', 'requirements.yaml'])

/** A chart's package, of which only the files that Helm itself reads are kept. */
export interface Package {
  /** Below the chart's folder, in order; folders are none. */
  files: string[]
  /** Contents of Chart.yaml, values.yaml and requirements.yaml, where they are there. */
  kept: ReadonlyMap<string, string>
}

/**
 * Reads a chart's package without writing any of it. Throws `PlayerFault` for what is no package, leads out of its folder or
 * is neither file nor folder, `TooLarge` beyond 32 MiB, 2000 entries and 20 folders, `Inconclusive` when `signal` fires.
 */
export async function unpack(what: string, packed: Buffer, signal: AbortSignal): Promise<Package> {
  if (packed[0] !== 0x1f || packed[1] !== 0x8b) throw malformed(what, 'it is no gzip', 'ce n’est pas du gzip')
  const collector = createCollector(what)
  const tar = extract()
  tar.on('entry', (header, content, next) => {
    // An entry that is open when the tar breaks breaks too; unheard, that would end the whole server.
    content.on('error', () => undefined)
    try {
      const keep = collector.entry(header)
      content.on('end', next)
      if (keep) content.on('data', (chunk) => collector.content(chunk as Buffer))
      else content.resume()
    } catch (error) {
      tar.destroy(error as Error)
    }
  })
  const source = Readable.from([packed])
  try {
    await pipeline(source, createGunzip(), metered(what), tar, { signal })
  } catch (error) {
    if (signal.aborted) throw new Inconclusive('Reading the chart was stopped.', { cause: error })
    if (error instanceof PlayerFault) throw error
    const why = error instanceof Error ? error.message.slice(0, 200) : ''
    throw malformed(what, `it cannot be unpacked (${why})`, `il ne se déballe pas (${why})`)
  }
  return collector.end()
}

function createCollector(what: string) {
  const files = new Set<string>()
  const kept = new Map<string, Buffer[]>()
  let entries = 0
  let folder: string | null = null
  let open: Buffer[] = []
  return {
    /** Whether the entry's content is wanted. */
    entry({ name, type, size }: Header): boolean {
      entries += 1
      if (entries > mostEntries) throw tooLarge(what, `${mostEntries} entries`, `${mostEntries} entrées`)
      const [top, ...rest] = partsOf(what, name)
      if (type !== 'file' && type !== 'directory') throw special(what, name)
      folder ??= top
      if (top !== folder)
        throw malformed(what, 'not all is in one folder', 'tout n’est pas dans un seul dossier')
      if (type === 'directory') return false
      const path = rest.join('/')
      if (path === '' || files.has(path))
        throw malformed(
          what,
          `${shown(name)} is there twice, or in no folder`,
          `${shown(name)} y est deux fois, ou dans aucun dossier`,
        )
      files.add(path)
      if (!keptNames.has(path)) return false
      if (size > mostKept) throw tooLarge(path, `${mostKept} bytes`, `${mostKept} octets`)
      open = []
      kept.set(path, open)
      return true
    },
    content(chunk: Buffer): void {
      open.push(chunk)
    },
    end(): Package {
      const texts = [...kept].map(([path, chunks]) => [path, decodeText(Buffer.concat(chunks))] as const)
      return { files: [...files].sort(), kept: new Map(texts) }
    },
  }
}

/** The chart's folder and what is below it. */
function partsOf(what: string, name: string): [string, ...string[]] {
  const [top = '', ...rest] = name.replace(/\/$/, '').split('/')
  const parts: [string, ...string[]] = [top, ...rest]
  if (name.length > longest || parts.length > deepest)
    throw tooLarge(what, `${deepest} folders in each other`, `${deepest} dossiers les uns dans les autres`)
  // eslint-disable-next-line no-control-regex -- such names are what is refused
  if (/[\\\u0000-\u001f\u007f]/.test(name) || parts.some((part) => ['', '.', '..'].includes(part)))
    throw malformed(
      what,
      `it holds ${shown(name)}, which leads elsewhere`,
      `il contient ${shown(name)}, qui mène ailleurs`,
    )
  return parts
}

function special(what: string, name: string): PlayerFault {
  return malformed(
    what,
    `${shown(name)} is neither file nor folder`,
    `${shown(name)} n’est ni fichier ni dossier`,
  )
}

function metered(what: string): Transform {
  let left = mostUnpacked
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      left -= chunk.length
      if (left >= 0) done(null, chunk)
      else done(tooLarge(what, `${mostUnpacked} bytes unpacked`, `${mostUnpacked} octets une fois déballé`))
    },
  })
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 100))
}
