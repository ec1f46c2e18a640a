import { once } from 'node:events'
import { PassThrough, Transform, type Readable, type TransformCallback } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, type Gunzip } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { Inconclusive, PlayerFault, TooLarge } from '../errors.ts'
import { unzstd } from './zstd.ts'

/** What is left for all archives that are read with it together. */
export interface UnpackBudget {
  /** Unpacked. */
  bytes: number
  entries: number
}

export interface TarVisitor {
  /** True where the entry's content is wanted; it comes by `content` before the next entry does. */
  entry(header: Header): boolean
  content(chunk: Buffer): void
  /** All unpacked bytes of the archive, as they come. */
  raw?(chunk: Buffer): void
}

/**
 * Reads a tar, packed with gzip, zstd or not at all, whatever it is called. Throws `TooLarge` where the budget is used up,
 * `PlayerFault` where it is no tar, `Inconclusive` when `signal` fires.
 */
export async function readTar(
  source: Readable,
  budget: UnpackBudget,
  visitor: TarVisitor,
  signal: AbortSignal,
): Promise<void> {
  const tar = extract()
  // The library's streams read while somebody listens: an entry that nobody wants is let run.
  tar.on('entry', (header, content, next) => {
    // It breaks with the archive, which says why.
    content.on('error', () => undefined)
    try {
      budget.entries -= 1
      if (budget.entries < 0) throw tooMany()
      if (visitor.entry(header)) content.on('data', (chunk) => visitor.content(chunk as Buffer))
      else content.resume()
      content.on('end', next)
    } catch (error) {
      tar.destroy(error as Error)
    }
  })
  try {
    const unpack = await unpacker(source, signal)
    await pipeline(source, unpack, metered(budget, visitor), tar, { signal })
  } catch (error) {
    throw explained(error, signal)
  } finally {
    source.destroy()
  }
}

/** What unpacks it, chosen by its first bytes. */
async function unpacker(
  source: Readable,
  signal: AbortSignal,
): Promise<Gunzip | typeof unzstd | PassThrough> {
  const head = await peek(source, signal)
  if (head[0] === 0x1f && head[1] === 0x8b) return createGunzip({ chunkSize: 512 * 1024 })
  return isZstd(head) ? unzstd : new PassThrough()
}

/** The first four bytes, fewer at the end; they stay in the stream. */
async function peek(source: Readable, signal: AbortSignal): Promise<Buffer> {
  for (;;) {
    const head = source.read(4) as Buffer | null
    if (head) source.unshift(head)
    if (head) return head
    if (source.readableEnded) return Buffer.alloc(0)
    // Only one of them may come, and after the other.
    const stop = new AbortController()
    const either = { signal: AbortSignal.any([stop.signal, signal]) }
    await Promise.race([once(source, 'readable', either), once(source, 'end', either)]).finally(() =>
      stop.abort(),
    )
  }
}

function isZstd(head: Buffer): boolean {
  if (head.length < 4) return false
  const magic = head.readUInt32LE(0)
  return magic === 0xfd2fb528 || magic >>> 4 === 0x184d2a5
}

function metered(budget: UnpackBudget, visitor: TarVisitor): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      budget.bytes -= chunk.length
      if (budget.bytes >= 0) visitor.raw?.(chunk)
      done(budget.bytes < 0 ? tooLong() : null, chunk)
    },
  })
}

function explained(error: unknown, signal: AbortSignal): Error {
  if (signal.aborted) return new Inconclusive('Reading the layers was stopped.', { cause: error })
  if (error instanceof PlayerFault || error instanceof Inconclusive) return error
  const why = error instanceof Error ? error.message.slice(0, 200) : String(error)
  return new PlayerFault(
    `A layer cannot be unpacked as a tar: ${why}`,
    `Une couche ne se déballe pas comme un tar : ${why}`,
  )
}

function tooLong(): TooLarge {
  return new TooLarge(
    'The layers unpack to more than is read of an image: make them smaller.',
    'Les couches se déballent en plus qu’on n’en lit d’une image : allégez-les.',
  )
}

function tooMany(): TooLarge {
  return new TooLarge(
    'The layers hold more files than are read of an image: make them fewer.',
    'Les couches contiennent plus de fichiers qu’on n’en lit d’une image : réduisez leur nombre.',
  )
}
