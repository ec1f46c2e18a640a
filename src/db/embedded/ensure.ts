import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Fault } from '../../lib/errors.ts'
import { findBinaries } from './binaries.ts'
import { openCluster, superuser, type Cluster } from './cluster.ts'
import { fallbackDir, fallbacksOf, findDataFolder, type DataFolder } from './data-folder.ts'
import { ensureServer, type Server } from './server.ts'
import { databaseUser } from './user.ts'

export interface EnsureOptions {
  dataDir: string
  /** Where the data go when the database's user cannot reach `dataDir`. */
  fallback?: string
  /** Gives up durability for speed: for tests only. */
  fast?: boolean
}

export interface Ensured extends DataFolder {
  cluster: Cluster
  server: Server
  /** The same again, at the same port, where it has ended. */
  again: () => Promise<Server>
  urlOf: (database: string) => string
}

/** A running PostgreSQL below `dataDir`, whoever started it; any number of processes may ask at once. */
export async function ensureEmbedded(options: EnsureOptions): Promise<Ensured> {
  const { fallback = fallbackDir, fast = false } = options
  if (process.platform === 'win32')
    throw new Fault('The embedded PostgreSQL runs on Linux and macOS: set DATABASE_URL.')
  const wanted = resolve(options.dataDir)
  const named = await realpath(wanted).catch(() => wanted)
  const user = await databaseUser([wanted, ...fallbacksOf(named, fallback)])
  const folder = await findDataFolder(wanted, fallback, user)
  const binaries = await findBinaries(folder.dataDir, user)
  const cluster = await openCluster(folder.dataDir, binaries, user)
  const server = await ensureServer(cluster, { binaries, user, fast })
  const again = () => ensureServer(cluster, { binaries, user, fast, port: server.port })
  const login = `${superuser}:${encodeURIComponent(cluster.password)}`
  return {
    ...folder,
    cluster,
    server,
    again,
    urlOf: (database) => `postgres://${login}@127.0.0.1:${server.port}/${database}?sslmode=disable`,
  }
}
