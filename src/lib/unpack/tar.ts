import { Transform, type Readable, type TransformCallback } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
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
  const broken: { error?: Error } = {}
  source.once('error', (error) => (broken.error = error))
  try {
    await pipeline(source, unpacked, metered(budget, visitor), tar, { signal })
  } catch (error) {
    // What broke first says more than what followed from it.
    throw explained(broken.error ?? error, signal)
  } finally {
    source.destroy()
  }
}

async function* unpacked(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  for (let next = await chunks.next(); ; next = await chunks.next()) {
    if (next.done !== true) head = Buffer.concat([head, next.value])
    if (next.done === true || head.length >= 4) break
  }
  const whole = withHead(head, chunks)
  if (head[0] === 0x1f && head[1] === 0x8b) yield* gunzip(whole)
  else if (isZstd(head)) yield* unzstd(whole)
  else yield* whole
}

function isZstd(head: Buffer): boolean {
  if (head.length < 4) return false
  const magic = head.readUInt32LE(0)
  return magic === 0xfd2fb528 || magic >>> 4 === 0x184d2a5
}

async function* withHead(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
}

async function* gunzip(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzipping = createGunzip({ chunkSize: 128 * 1024 })
  const fed = pipeline(source, gunzipping)
  fed.catch(() => undefined)
  try {
    for await (const chunk of gunzipping) yield chunk as Buffer
    await fed
  } finally {
    gunzipping.destroy()
  }
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
