import { join, resolve } from 'node:path'
import { Fault } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { connect } from './client.ts'
import { findBinaries } from './embedded/binaries.ts'
import { openCluster, superuser, type Cluster } from './embedded/cluster.ts'
import { takeOwnership } from './embedded/owner.ts'
import { fallbackDir, findPlace } from './embedded/place.ts'
import { ensureServer, stopServer, type Server } from './embedded/server.ts'
import { databaseUser } from './embedded/user.ts'

export interface EmbeddedOptions {
  dataDir: string
  log: Log
  /** Where the data go when the database's user cannot reach `dataDir`. */
  fallback?: string
  /** Works beside a server that may be running: takes no ownership, and stops only what nobody else uses. */
  share?: boolean
  /** Gives up durability for speed: for tests only. */
  fast?: boolean
}

export interface Embedded {
  url: string
  /** Where the data are: the wanted folder, or the fallback when `moved`. */
  dataDir: string
  moved: boolean
  /** It was found running, left behind by a server that was killed. */
  adopted: boolean
  stop(): Promise<void>
}

/**
 * Starts, or adopts, the PostgreSQL below `dataDir`. Throws a `Fault` with what to do when it cannot run, or when
 * another server uses the same folder.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { log, fallback = fallbackDir, share = false, fast = false } = options
  const wanted = resolve(options.dataDir)
  const user = await databaseUser([wanted, fallback])
  const { dataDir, moved } = await findPlace(wanted, fallback, user)
  const binaries = await findBinaries(dataDir, user)
  const cluster = await openCluster(dataDir, binaries, user)
  const server = await ensureServer(cluster, { binaries, user, fast })
  const own = () => takeOwnership(urlOf(cluster, server, 'postgres'), dataDir, log)
  const owner = share
    ? undefined
    : await own().catch((error: unknown) => {
        throw wrongPassword(error, cluster)
      })
  await ensureDatabase(cluster, server, log)
  log.debug({ ...server, dataDir }, 'PostgreSQL is ready')
  return {
    url: urlOf(cluster, server, 'shambhala'),
    dataDir,
    moved,
    adopted: server.adopted,
    async stop() {
      if (share && server.adopted) return
      const last = owner ?? (await own().catch(() => undefined))
      if (!last) return
      await last.release()
      await stopServer(cluster, server, log)
    },
  }
}

function urlOf({ password }: Cluster, { port }: Server, database: string): string {
  return `postgres://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}?sslmode=disable`
}

function wrongPassword(error: unknown, { home }: Cluster): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === '28P01')) return error
  return new Fault(`PostgreSQL refuses the password in ${join(home, 'password')}: put the old file back.`)
}

async function ensureDatabase(cluster: Cluster, server: Server, log: Log): Promise<void> {
  const sql = connect(urlOf(cluster, server, 'postgres'), { max: 1, log })
  try {
    const [row] = await sql`select from pg_database where datname = 'shambhala'`
    if (!row) await sql`create database shambhala`
  } finally {
    await sql.end({ timeout: 1 })
  }
}
