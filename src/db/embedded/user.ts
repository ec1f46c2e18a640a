import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Fault } from '../../lib/errors.ts'

export interface SystemUser {
  uid: number
  gid: number
  name: string
}

const run = promisify(execFile)

/**
 * Who runs PostgreSQL, which refuses root: undefined (ourselves) for ordinary users; for root whoever owns a database
 * already in one of `folders`, else the system's `postgres`, else `shambhala`, made at first need.
 */
export async function databaseUser(folders: readonly string[]): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  for (const folder of folders) {
    const owner = await stat(join(folder, 'postgres')).catch(() => undefined)
    if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid, name: `number ${owner.uid}` }
  }
  return (await lookUp('postgres')) ?? (await lookUp('shambhala')) ?? (await create('shambhala'))
}

async function lookUp(name: string): Promise<SystemUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout), name }
  } catch {
    return undefined
  }
}

async function create(name: string): Promise<SystemUser> {
  const options = ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent']
  try {
    await run('useradd', [...options, '--shell', '/usr/sbin/nologin', name])
  } catch (error) {
    const cure = 'start as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own'
    throw new Fault(`PostgreSQL refuses to run as root, and no user ${name} could be made: ${cure}.`, {
      cause: error,
    })
  }
  const user = await lookUp(name)
  if (!user)
    throw new Fault(`The new user ${name} is not found: start as an ordinary user, or set DATABASE_URL.`)
  return user
}
