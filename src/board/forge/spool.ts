import { randomBytes } from 'node:crypto'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'

const keptInMemory = 256 * 1024

/** What came of a push before Git is started: a slow link keeps neither a process nor the repository waiting. */
export interface Spool {
  take(chunk: Buffer): Promise<void> | undefined
  content(): Readable
  close(): Promise<void>
}

/** Small ones stay in memory, others in a file of that folder without a name, of which nothing can be left. What is beyond `mostBytes` is dropped. */
export function createSpool(folder: string, mostBytes: number): Spool {
  let chunks: Buffer[] = []
  let size = 0
  let file: FileHandle | undefined
  const toFile = async (data: readonly Buffer[]) => {
    file ??= await nameless(folder)
    await file.appendFile(Buffer.concat(data))
  }
  return {
    take(chunk) {
      const part = chunk.subarray(0, Math.max(0, mostBytes - size))
      if (part.length === 0) return undefined
      size += part.length
      chunks.push(part)
      if (size <= keptInMemory && !file) return undefined
      const data = chunks
      chunks = []
      return toFile(data)
    },
    content: () => file?.createReadStream({ start: 0, autoClose: false }) ?? Readable.from(chunks),
    async close() {
      await file?.close()
    },
  }
}

async function nameless(folder: string): Promise<FileHandle> {
  const path = join(folder, `.push-${randomBytes(6).toString('hex')}`)
  const file = await open(path, 'wx+', 0o600)
  await rm(path)
  return file
}
