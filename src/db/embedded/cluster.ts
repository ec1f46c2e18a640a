import { randomBytes } from 'node:crypto'
import { chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { codeOf, Fault } from '../../lib/errors.ts'
import type { Binaries } from './binaries.ts'
import { databaseFault } from './faults.ts'
import { isAlive } from '../../lib/process.ts'
import { runAs } from './tool.ts'
import type { SystemUser } from './user.ts'

/** `home` holds `cluster/` (PostgreSQL's own folder), `password` and `log`. */
export interface Cluster {
  home: string
  folder: string
  log: string
  password: string
}

export const superuser = 'shambhala'

/** Opens the cluster below `dataDir`, made by initdb the first time. */
export async function openCluster(
  dataDir: string,
  binaries: Binaries,
  user: SystemUser | undefined,
): Promise<Cluster> {
  const home = join(dataDir, 'postgres')
  const folder = join(home, 'cluster')
  const version = (await readIfThere(join(folder, 'PG_VERSION'))) ?? (await create(home, binaries, user))
  const { output } = await runAs(user, binaries.postgres, ['--version'])
  const major = / (\d+)/.exec(output)?.[1] ?? ''
  if (version.trim() !== major)
    throw new Fault(
      `The database in ${home} is of PostgreSQL ${version.trim()}, this version brings ${major}: restore a backup into an empty DATA_DIR.`,
    )
  const password = await readIfThere(join(home, 'password'))
  if (password === undefined)
    throw new Fault(`${home} has no password file: it is not a database of this server; set DATA_DIR.`)
  return { home, folder, log: join(home, 'log'), password }
}

/** Made aside and moved into place whole: a crash, or a second server at the same moment, leaves no half of one. */
async function create(home: string, binaries: Binaries, user: SystemUser | undefined): Promise<string> {
  await removeLeftovers(home)
  const fresh = `${home}.new-${process.pid}-${randomBytes(4).toString('hex')}`
  try {
    await mkdir(fresh, { mode: 0o700 })
    const password = join(fresh, 'password')
    await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600 })
    if (user) for (const path of [fresh, password]) await chown(path, user.uid, user.gid)
    const folder = join(fresh, 'cluster')
    const { ok, output } = await runAs(user, binaries.initdb, initdbOptions(folder, password))
    if (!ok) throw new Error(output)
    await rename(fresh, home)
  } catch (error) {
    if (!/ENOTEMPTY|EEXIST/.test(String(error))) throw databaseFault(String(error), dirname(home))
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  const version = await readIfThere(join(home, 'cluster', 'PG_VERSION'))
  if (version === undefined) throw new Fault(`${home} holds something else than a database: set DATA_DIR.`)
  return version
}

function initdbOptions(folder: string, password: string): string[] {
  return [
    `--pgdata=${folder}`,
    `--username=${superuser}`,
    `--pwfile=${password}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Names sort as people expect (é beside e, case last), by PostgreSQL's own ICU: the same on a machine with no locale.
    '--locale=C',
    '--locale-provider=icu',
    '--icu-locale=und',
    '--no-instructions',
  ]
}

/** Of starts that were cut off: their process is gone, or its number is ours now (in a container it often is). */
async function removeLeftovers(home: string): Promise<void> {
  const ourStart = Date.now() - process.uptime() * 1000
  for (const entry of await readdir(dirname(home))) {
    const [name, rest] = entry.split('.new-')
    if (name !== basename(home) || rest === undefined) continue
    const pid = Number.parseInt(rest)
    const path = join(dirname(home), entry)
    const { mtimeMs } = await stat(path)
    if (!isAlive(pid) || (pid === process.pid && mtimeMs < ourStart))
      await rm(path, { recursive: true, force: true })
  }
}

/** The text without its last line end, or undefined when the file is not there. */
async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trimEnd()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw databaseFault(String(error), dirname(path))
  }
}
