import { createHash } from 'node:crypto'
import { chmod, chown, mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf, Fault } from '../../lib/errors.ts'
import { databaseFault } from './faults.ts'
import { runAs } from './tool.ts'
import type { SystemUser } from './user.ts'

export const fallbackDir = '/var/lib/shambhala'
/** Says within a fallback for which folder it stands, as the system names it. */
const askedFor = 'asked-for'

export interface DataFolder {
  dataDir: string
  /** The wanted folder is out of reach of the database's user, so everything lives in a fallback of its own. */
  moved: boolean
}

/** The data folder that `user` can reach, made when it is not there yet. */
export async function findDataFolder(
  wanted: string,
  fallback: string,
  user: SystemUser | undefined,
): Promise<DataFolder> {
  if (await prepare(wanted, user)) return { dataDir: wanted, moved: false }
  if (await exists(join(wanted, 'postgres')))
    throw new Fault(
      `The user ${user?.name ?? ''} cannot reach the database in ${wanted} any more: open the folders above it (chmod o+x).`,
    )
  const asked = await realpath(wanted)
  for (const folder of fallbacksOf(asked, fallback)) {
    if (!(await prepare(folder, user)))
      throw new Fault(`The user ${user?.name ?? ''} can reach neither ${wanted} nor ${folder}: set DATA_DIR.`)
    if ((await standsFor(folder, asked)) === asked) return { dataDir: folder, moved: true }
  }
  throw new Fault(
    `${fallbacksOf(asked, fallback).join(' and ')} hold the data of other folders: set DATA_DIR.`,
  )
}

/** Whoever comes first takes the one with the plain name; it stands for no other folder from then on. */
export function fallbacksOf(wanted: string, fallback: string): string[] {
  const mark = createHash('sha256').update(wanted).digest('hex').slice(0, 12)
  return [fallback, `${fallback}-${mark}`]
}

/** For which folder a fallback stands: for `wanted` from now on, where for none yet. */
async function standsFor(fallback: string, wanted: string): Promise<string> {
  const note = join(fallback, askedFor)
  try {
    return (await readFile(note, 'utf8')).trimEnd()
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw databaseFault(String(error), fallback)
  }
  if (await exists(join(fallback, 'postgres')))
    throw new Fault(
      `${fallback} holds the data of an older version, which does not say of which folder: if they are those of ${wanted}, write its name into ${note}; if not, move ${fallback} away, or set DATA_DIR.`,
    )
  try {
    await writeFile(note, `${wanted}\n`, { flag: 'wx', mode: 0o644 })
    return wanted
  } catch (error) {
    // Another server came at the same moment.
    if (codeOf(error) === 'EEXIST') return (await readFile(note, 'utf8')).trimEnd()
    throw databaseFault(String(error), fallback)
  }
}

async function prepare(folder: string, user: SystemUser | undefined): Promise<boolean> {
  try {
    await makeFolder(folder, 0o700)
    if (!user) return true
    if (await canEnter(folder, user)) return true
    const { uid, mode } = await stat(folder)
    if (uid !== 0) return false
    // The folder is ours: let the database's user pass through, and nobody else.
    await chown(folder, uid, user.gid)
    await chmod(folder, mode | 0o010)
  } catch (error) {
    throw databaseFault(String(error), folder)
  }
  return canEnter(folder, user)
}

/** By hand, since Node's recursive mkdir never returns where the system answers "no such file" for a new folder. */
async function makeFolder(folder: string, mode = 0o755): Promise<void> {
  const make = () => mkdir(folder, { mode })
  try {
    await make()
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await stat(folder)).isDirectory()) return
    if (codeOf(error) !== 'ENOENT' || dirname(folder) === folder) throw error
    await makeFolder(dirname(folder))
    await make()
  }
}

async function canEnter(folder: string, user: SystemUser): Promise<boolean> {
  return (await runAs(user, 'test', ['-x', folder])).ok
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
