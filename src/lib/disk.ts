import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, Inconclusive } from './errors.ts'

/** What would not hold this much holds no work of anybody. */
const probe = Buffer.alloc(2 ** 20)

/** What the system says where a disk takes nothing in. */
const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full for this user',
  EROFS: 'the disk is read-only',
  EACCES: 'the folder cannot be written',
  EPERM: 'the folder cannot be written',
  ENOENT: 'the folder is gone',
  EIO: 'the disk is broken',
}

/** Writes a mebibyte into a folder and removes it again. Throws `Inconclusive` that says why it cannot, without the path. */
export async function probeDisk(folder: string): Promise<void> {
  const file = join(folder, `.probe-${randomBytes(6).toString('hex')}`)
  try {
    await writeFile(file, probe, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    const code = codeOf(error)
    throw new Inconclusive(reasons[code] ?? `nothing can be written (${code})`, { cause: error })
  } finally {
    await rm(file, { force: true }).catch(() => undefined)
  }
}

/** Of the system, and 53100 of PostgreSQL. */
const away: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', '53100'])

/** Whether something was not written because the disk took nothing in. */
export function isDiskAway(error: unknown): boolean {
  return away.has(codeOf(error))
}
