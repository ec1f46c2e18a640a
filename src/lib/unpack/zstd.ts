import { setImmediate as turn } from 'node:timers/promises'
import { Decompress } from 'fzstd'
import { createFrameGuard } from './frames.ts'

/** A block of four bytes may unpack to 128 KiB: small slices keep what one of them unpacks to below 8 MiB. */
const slice = 256
/** Bytes after which others get their turn. */
const breath = 2 ** 20

/** Unpacks zstd as it comes. Throws `TooLarge` for a frame that wants more than 8 MiB, and an error where it is no zstd. */
export async function* unzstd(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const guard = createFrameGuard()
  let ready: Buffer[] = []
  let out = 0
  const decoder = new Decompress((chunk) => {
    if (chunk.length > 0) ready.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length))
  })
  for await (const chunk of source) {
    for (let from = 0; from < chunk.length; from += slice) {
      const part = chunk.subarray(from, from + slice)
      guard(part)
      decoder.push(part)
      if (ready.length === 0) continue
      const blocks = ready
      ready = []
      for (const block of blocks) {
        out += block.length
        yield block
      }
      if (out < breath) continue
      out = 0
      await turn()
    }
  }
  decoder.push(new Uint8Array(0), true)
}
