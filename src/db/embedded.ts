import { join } from 'node:path'
import { codeOf, Fault } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { connect } from './client.ts'
import type { Cluster } from './embedded/cluster.ts'
import { ensureEmbedded, type EnsureOptions } from './embedded/ensure.ts'
import { keepRunning } from './embedded/keeper.ts'
import { takeOwnership, type Ownership } from './embedded/owner.ts'
import { stopServer } from './embedded/server.ts'

export interface EmbeddedOptions extends EnsureOptions {
  log: Log
  /** Uses the database of a running server too, and then leaves it running: for the command line. */
  share?: boolean
}

export interface Embedded {
  url: string
  /** Where the data are: the wanted folder, or the fallback when `moved`. */
  dataDir: string
  moved: boolean
  /** It was found running: left behind by a server that was killed, or shared. */
  adopted: boolean
  /** Resolves, once, to why a database that ended cannot be started again. */
  lost: Promise<Fault>
  /** Ends PostgreSQL and waits for it; does nothing to one that is shared. */
  stop(): Promise<void>
}

const database = 'shambhala'
/** Of one that somebody else looks after. */
const never = new Promise<Fault>(() => undefined)

/**
 * Starts, or adopts, the PostgreSQL below `dataDir`. Throws a `Fault` with what to do when it cannot run, or when
 * another server uses the same folder.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { log } = options
  const { cluster, server, again, dataDir, moved, urlOf } = await ensureEmbedded(options)
  const owner = await claim(urlOf('postgres'), cluster, dataDir, options)
  await ensureDatabase(urlOf('postgres'), log)
  log.debug({ database: server, dataDir }, 'PostgreSQL is ready')
  const keeper = owner && keepRunning(cluster, server, { again, back: () => owner.retake(), log })
  return {
    url: urlOf(database),
    dataDir,
    moved,
    adopted: server.adopted,
    lost: keeper?.lost ?? never,
    async stop() {
      if (!owner || !keeper) return
      await keeper.stop()
      await owner.release()
      await stopServer(cluster, keeper.current(), log)
    },
  }
}

async function claim(
  url: string,
  cluster: Cluster,
  dataDir: string,
  { log, share = false }: EmbeddedOptions,
): Promise<Ownership | undefined> {
  try {
    const owner = await takeOwnership(url, log)
    if ('release' in owner) return owner
    if (share) return undefined
    throw new Fault(
      `Another server (${owner.holder}) already uses ${dataDir}: stop it first, or give this one a DATA_DIR of its own.`,
    )
  } catch (error) {
    if (codeOf(error) !== '28P01') throw error
    const file = join(cluster.home, 'password')
    throw new Fault(`PostgreSQL refuses the password in ${file}: put the old file back.`, { cause: error })
  }
}

async function ensureDatabase(url: string, log: Log): Promise<void> {
  const sql = connect(url, { max: 1, log })
  try {
    const [row] = await sql`select from pg_database where datname = ${database}`
    if (!row) await sql`create database ${sql(database)}`
  } catch (error) {
    // A second process made it between the two.
    if (codeOf(error) !== '42P04') throw error
  } finally {
    await sql.end({ timeout: 1 })
  }
}
