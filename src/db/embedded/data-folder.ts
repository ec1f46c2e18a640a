import { chmod, chown, mkdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Fault } from '../../lib/errors.ts'
import { codeOf, databaseFault } from './faults.ts'
import { runAs } from './tool.ts'
import type { SystemUser } from './user.ts'

export const fallbackDir = '/var/lib/shambhala'

export interface DataFolder {
  dataDir: string
  /** The wanted folder is out of reach of the database's user, so everything lives in the fallback. */
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
  if (await prepare(fallback, user)) return { dataDir: fallback, moved: true }
  throw new Fault(`The user ${user?.name ?? ''} can reach neither ${wanted} nor ${fallback}: set DATA_DIR.`)
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
