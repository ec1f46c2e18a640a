import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import type { Readable, Writable } from 'node:stream'
import { createGunzip, createGzip } from 'node:zlib'
import { extract, pack } from 'tar-stream'
import { Fault } from './errors.ts'

/** A file of an archive. None is larger than `partBytes`; what is longer comes in numbered parts. */
export interface Entry {
  name: string
  content: Buffer
}

export const partBytes = 8 * 2 ** 20
const lastName = 'end.json'
const maxEntries = 5_000_000

export interface ArchiveWriter {
  add(name: string, content: Buffer | string): Promise<void>
  /** Cuts a stream of unknown length into entries `<prefix>/00001`, `<prefix>/00002`, … */
  addParts(prefix: string, source: AsyncIterable<Buffer>): Promise<void>
}

/**
 * Writes a gzipped tar whose last entry counts and sums up all before it, so that a part of an archive never passes
 * for one.
 */
export async function writeArchive(
  target: Writable,
  fill: (writer: ArchiveWriter) => Promise<void>,
): Promise<void> {
  const tar = pack()
  const written = pipeline(tar, createGzip(), target)
  // A full disk says more than what follows from it.
  const broken: { error?: unknown } = {}
  written.catch((error: unknown) => (broken.error = error))
  const sum = createSum()
  const put = async (name: string, content: Buffer): Promise<void> => {
    const stored = new Promise<void>((resolve, reject) => {
      // Through a stream, which waits until the file behind it has taken what came before.
      const sink = tar.entry({ name, size: content.length, mode: 0o600 }, (error) =>
        error ? reject(error) : resolve(),
      )
      sink.end(content)
    })
    await Promise.race([stored, written])
  }
  const add = async (name: string, content: Buffer | string): Promise<void> => {
    const bytes = Buffer.from(content)
    if (bytes.length > partBytes) throw new Error(`${name} must be added in parts`)
    sum.note({ name, content: bytes })
    await put(name, bytes)
  }
  try {
    await fill({
      add,
      async addParts(prefix, source) {
        let number = 0
        for await (const part of partsOf(source)) {
          number += 1
          await add(`${prefix}/${String(number).padStart(5, '0')}`, part)
        }
      },
    })
    await put(lastName, Buffer.from(sum.total()))
    tar.finalize()
  } catch (error) {
    const cause = broken.error ?? error
    tar.destroy()
    await written.catch(() => undefined)
    throw cause
  }
  await written
}

async function* partsOf(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = []
  let size = 0
  for await (let chunk of source) {
    while (size + chunk.length >= partBytes) {
      const room = partBytes - size
      yield Buffer.concat([...chunks, chunk.subarray(0, room)])
      chunk = chunk.subarray(room)
      chunks = []
      size = 0
    }
    chunks.push(chunk)
    size += chunk.length
  }
  if (size > 0) yield Buffer.concat(chunks)
}

function createSum() {
  const hash = createHash('sha256')
  let entries = 0
  return {
    note({ name, content }: Entry) {
      entries += 1
      hash.update(`${name}\0${content.length}\0`).update(content)
    },
    entries: () => entries,
    total: () => JSON.stringify({ entries, sha256: hash.copy().digest('hex') }),
  }
}

/**
 * The entries in order, each read whole. Throws a `Fault` where the archive is cut off, changed, or not one of ours:
 * what was read is to be kept only after the last entry came.
 */
export async function* readArchive(source: Readable): AsyncGenerator<Entry> {
  const files = extract()
  const read = pipeline(source, createGunzip(), files)
  read.catch(() => undefined)
  const sum = createSum()
  let ended = false
  try {
    for await (const file of files) {
      const { name, type, size } = file.header
      if (ended) throw damaged('it goes on after its end')
      if (type !== 'file') throw damaged(`${shown(name)} is a ${type}, not a file`)
      if (!isPlain(name)) throw damaged(`${shown(name)} is not a name that a backup holds`)
      if (size > partBytes) throw damaged(`${shown(name)} says that it has ${size} bytes`)
      // Its types forget that such a stream can be iterated.
      const entry = { name, content: await contentOf(file as unknown as AsyncIterable<Uint8Array>) }
      if (name === lastName) {
        if (entry.content.toString() !== sum.total()) throw damaged('its content is not what was written')
        ended = true
        continue
      }
      sum.note(entry)
      if (sum.entries() > maxEntries) throw damaged('it has too many files')
      yield entry
    }
    await read
  } catch (error) {
    throw error instanceof Fault ? error : damaged(error instanceof Error ? error.message : String(error))
  } finally {
    source.destroy()
  }
  if (!ended) throw damaged('its end is missing')
}

async function contentOf(file: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of file) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Names are never used as paths; still, one that climbs or is absolute shows that somebody tried. */
function isPlain(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)*$/.test(name) && name.length <= 200
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 100))
}

function damaged(why: string): Fault {
  return new Fault(`The backup is damaged or was changed (${why}): take another one. Nothing was restored.`)
}

/** An archive read in its order, by someone who knows what has to come next. */
export interface Cursor {
  /** null behind the last entry, when the archive has proved whole. */
  peek(): Promise<Entry | null>
  /** The next entry's content. Throws a `Fault` where it has another name. */
  take(name: string): Promise<Buffer>
  /** What `addParts` cut, as far as it goes. */
  parts(prefix: string): AsyncGenerator<Buffer>
  close(): Promise<void>
}

export function createCursor(entries: AsyncGenerator<Entry>): Cursor {
  let ahead: Entry | null | undefined
  let failure: { error: unknown } | undefined
  const peek = async (): Promise<Entry | null> => {
    if (ahead !== undefined) return ahead
    if (failure) throw failure.error
    try {
      const next = await entries.next()
      ahead = next.done === true ? null : next.value
    } catch (error) {
      // A generator that threw looks as if it had come to its end.
      failure = { error }
      throw error
    }
    return ahead
  }
  return {
    peek,
    async take(name) {
      const entry = await peek()
      if (entry?.name !== name) throw damaged(`${name} is not where it has to be`)
      ahead = undefined
      return entry.content
    },
    async *parts(prefix) {
      for (let number = 1; ; number += 1) {
        const entry = await peek()
        if (entry?.name !== `${prefix}/${String(number).padStart(5, '0')}`) return
        ahead = undefined
        yield entry.content
      }
    },
    async close() {
      await entries.return(undefined)
    },
  }
}
