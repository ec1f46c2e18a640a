import { TooLarge } from '../errors.ts'

/** A decoder must manage 8 MiB; what asks for more memory than that is made to cost it. */
export const maxWindow = 8 * 2 ** 20
const magic = 0xfd2fb528
const skippable = 0x184d2a50
const longestHeader = 18

/**
 * Follows the frames and blocks of zstd, chunk by chunk, before a decoder sees them. Throws `TooLarge` where a frame wants a
 * window of more than 8 MiB; what is no zstd is left to the decoder.
 */
export function createFrameGuard(): (chunk: Uint8Array) => void {
  let held = Buffer.alloc(0)
  let inFrame = false
  let checksum = 0
  let skip = 0
  return (chunk) => {
    const bytes =
      held.length > 0
        ? Buffer.concat([held, chunk])
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    let at = 0
    for (;;) {
      const skipped = Math.min(skip, bytes.length - at)
      at += skipped
      skip -= skipped
      const rest = bytes.subarray(at)
      if (!inFrame) {
        const frame = readFrame(rest)
        if (frame === null) break
        ;({ checksum, skip } = frame)
        inFrame = frame.blocks
        at += frame.length
        continue
      }
      if (rest.length < 3) break
      const block = rest.readUIntLE(0, 3)
      // A block of type 1 says one byte that is repeated.
      skip = ((block >> 1) & 3) === 1 ? 1 : block >> 3
      inFrame = (block & 1) === 0
      if (!inFrame) skip += checksum
      at += 3
    }
    // What is longer than any header begins no frame.
    held = Buffer.from(bytes.subarray(at, at + longestHeader))
  }
}

/** null where more bytes are needed. */
function readFrame(head: Buffer): { length: number; blocks: boolean; checksum: number; skip: number } | null {
  if (head.length < 8) return null
  const kind = head.readUInt32LE(0)
  if ((kind & ~0xf) >>> 0 === skippable)
    return { length: 8, blocks: false, checksum: 0, skip: head.readUInt32LE(4) }
  if (kind !== magic) return null
  const flags = head[4] ?? 0
  const single = (flags & 0x20) !== 0
  const at = 5 + (single ? 0 : 1) + ([0, 1, 2, 4][flags & 3] ?? 0)
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0
  if (head.length < at + sizeBytes) return null
  const window = single ? contentSize(head, at, sizeBytes) : windowOf(head[5] ?? 0)
  if (window > maxWindow)
    throw new TooLarge(
      `A zstd frame wants ${window} bytes of memory, and ${maxWindow} are given: pack it at a lower level, or with gzip.`,
      `Une trame zstd demande ${window} octets de mémoire, on en donne ${maxWindow} : compressez à un niveau plus bas, ou en gzip.`,
    )
  return { length: at + sizeBytes, blocks: true, checksum: flags & 4 ? 4 : 0, skip: 0 }
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}

function contentSize(head: Buffer, at: number, bytes: number): number {
  if (bytes === 8) return Number(head.readBigUInt64LE(at))
  return head.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0)
}
