import { createReadStream, createWriteStream } from 'node:fs'
import { access, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import type { RepositoryArchive } from '../board/forge/types.ts'
import type { Database } from '../db/client.ts'
import { keyShape, writeBackup, type BackupSource } from '../game/upkeep/backup.ts'
import { restoreBackup } from '../game/upkeep/restore.ts'
import { codeOf, Fault } from '../lib/errors.ts'

interface Storage {
  sql: Database
  dataDir: string
  secret: string
  /** Resolves to null where they do not lie with this server. */
  repositories(): Promise<RepositoryArchive | null>
}

/** Writes `file`, which must not be there yet, or standard output for `-`. The server may run. */
export async function backup(storage: Storage, file: string): Promise<void> {
  if (file === '-') {
    if (process.stdout.isTTY) throw new Fault('A backup is not for the terminal: name a file, or send it on.')
    await writeBackup(await sourceOf(storage), process.stdout).catch((error: unknown) => {
      throw codeOf(error) === 'EPIPE'
        ? new Fault('Whoever read the backup stopped before its end: what they have is not whole.')
        : error
    })
    return
  }
  if (await exists(file)) throw new Fault(`${file} is there already: name a new file.`)
  const part = `${file}.part`
  try {
    await rm(part, { force: true })
    const source = await sourceOf(storage)
    const counts = await writeBackup(source, createWriteStream(part, { mode: 0o600, flags: 'wx' }))
    await settle(part)
    await rename(part, file)
    const { size } = await stat(file)
    const repositories =
      source.repositories === null
        ? 'no repositories, since they do not lie with this server'
        : `${counts.repositories} repositories`
    say(
      `${file}: ${counts.tables} tables, ${repositories}, ${(size / 2 ** 20).toFixed(1)} MiB. It holds the server’s secrets: keep it as safe as the server.`,
    )
  } catch (error) {
    await rm(part, { force: true })
    throw backupFileFault(error, file)
  }
}

/** Fills an empty server, which does not run, from `file`, or from standard input for `-`. */
export async function restore(
  storage: Storage,
  file: string,
  givenSecret: string | undefined,
): Promise<void> {
  const archive = await storage.repositories()
  const source = file === '-' ? process.stdin : await openFile(file)
  const folder = secretsOf(storage)
  const placeSecrets = async (secret: string, keys: ReadonlyMap<string, string>) => {
    if (givenSecret !== undefined && givenSecret !== secret)
      throw new Fault('MASTER_SECRET is not the secret of this backup: leave it unset, or set that one.')
    if (givenSecret === undefined) await keepSecret(join(folder, 'master'), `${secret}\n`)
    for (const [name, key] of keys) await keepSecret(join(folder, name), key)
    // One of this folder's own with a higher number would sign, and the registry does not know it.
    const others = keys.size === 0 ? [] : (await keyFiles(folder)).filter((name) => !keys.has(name))
    for (const name of others) await rm(join(folder, name))
  }
  const target = { sql: storage.sql, repositories: archive, placeSecrets }
  const { madeAt, version, repositories } = await restoreBackup(target, source)
  say(
    `Restored what version ${version} wrote at ${madeAt}, with ${repositories} repositories, into ${storage.dataDir}.`,
  )
}

const secretsOf = ({ dataDir }: Storage) => join(dataDir, 'secrets')

async function sourceOf(storage: Storage): Promise<BackupSource> {
  const { sql, secret } = storage
  return { sql, secret, keys: await readKeys(storage), repositories: await storage.repositories() }
}

async function readKeys(storage: Storage): Promise<Map<string, string>> {
  const folder = secretsOf(storage)
  const keys = new Map<string, string>()
  for (const name of await keyFiles(folder)) keys.set(name, await readFile(join(folder, name), 'utf8'))
  return keys
}

/** None where there is no such folder: with MASTER_SECRET and without a registry nothing lies there. */
async function keyFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
  return names.filter((name) => keyShape.test(name)).toSorted()
}

async function openFile(file: string): Promise<Readable> {
  try {
    const handle = await open(file)
    return createReadStream(file, { fd: handle })
  } catch (error) {
    throw backupFileFault(error, file)
  }
}

async function keepSecret(path: string, secret: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(`${path}.new`, secret, { mode: 0o600 })
  await settle(`${path}.new`)
  await rename(`${path}.new`, path)
}

/** On the disk before its name is: a cut of the power leaves the old file or the whole new one. */
async function settle(path: string): Promise<void> {
  const handle = await open(path)
  await handle.sync().finally(() => handle.close())
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function backupFileFault(error: unknown, file: string): unknown {
  const code = codeOf(error)
  if (code === 'ENOENT') return new Fault(`${file} is not there: name a file in a folder that is.`)
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new Fault(`${file} is not for this user: name a file elsewhere.`)
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new Fault(`The disk with ${file} is full: make room there, or name a file elsewhere.`)
  if (code === 'EISDIR') return new Fault(`${file} is a folder: name a file in it.`)
  return error
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
