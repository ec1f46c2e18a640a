import { constants } from 'node:fs'
import { lstat, open, opendir, realpath, type FileHandle } from 'node:fs/promises'
import { sep } from 'node:path'
import { codeOf } from './errors.ts'

/** Why something is not read; the message says what it is instead of a plain file or folder. */
export class NotPlain extends Error {
  override name = 'NotPlain'
}

/**
 * The bytes of a plain file; null where there is none. Links are followed as far as they stay below `root`. Pipes, devices and what
 * leads elsewhere are never opened: rejects with `NotPlain` for them, and for more than `maxBytes`.
 */
export async function readPlain(root: string, path: string, maxBytes: number): Promise<Buffer | null> {
  const real = await placeBelow(root, path)
  if (real === null) return null
  const found = await lstat(real)
  if (found.isDirectory()) throw new NotPlain('this is a folder, where a file is wanted')
  if (!found.isFile()) throw new NotPlain('this is no plain file')
  // Whatever it has become meanwhile, opening it neither follows nor waits.
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    unread,
  )
  try {
    const opened = await file.stat()
    if (!opened.isFile() || opened.ino !== found.ino || opened.dev !== found.dev)
      throw new NotPlain('this is no plain file')
    return await allOf(file, opened.size, maxBytes)
  } finally {
    await file.close()
  }
}

/** The names in a folder, sorted; null where there is none. Rejects with `NotPlain` where it leads out of `root` or has more than `most`. */
export async function namesIn(root: string, path: string, most: number): Promise<string[] | null> {
  const real = await placeBelow(root, path)
  if (real === null || !(await lstat(real)).isDirectory()) return null
  const names: string[] = []
  for await (const { name } of await opendir(real).catch(unread)) {
    if (names.length === most) throw new NotPlain(`this folder has more than ${most} entries`)
    names.push(name)
  }
  return names.sort()
}

function unread(error: unknown): never {
  throw new NotPlain(`this cannot be read: ${codeOf(error)}`, { cause: error })
}

/** The real path of what is there; null where nothing is. */
async function placeBelow(root: string, path: string): Promise<string | null> {
  const [from, to] = await Promise.all([realpath(root), realpath(path)]).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return [null, null]
    return unread(error)
  })
  if (from === null || to === null) return null
  if (to !== from && !to.startsWith(from.endsWith(sep) ? from : from + sep))
    throw new NotPlain(`this leads out of ${root}: copy what is there instead`)
  return to
}

async function allOf(file: FileHandle, size: number, maxBytes: number): Promise<Buffer> {
  const larger = () => new NotPlain(`this file is larger than ${maxBytes} bytes`)
  if (size > maxBytes) throw larger()
  const chunks: Buffer[] = []
  for (let left = maxBytes + 1; ;) {
    const chunk = Buffer.alloc(Math.min(left, Math.max(size, 1) + 1))
    const { bytesRead } = await file.read(chunk, 0, chunk.length, null)
    if (bytesRead === 0) return Buffer.concat(chunks)
    chunks.push(chunk.subarray(0, bytesRead))
    left -= bytesRead
    if (left <= 0) throw larger()
  }
}
