import { join } from 'node:path'
import type { RepositoryArchive } from '../board/forge/types.ts'
import type { Config } from '../config.ts'
import { connect, type Database } from '../db/client.ts'
import { startEmbedded } from '../db/embedded.ts'
import { noteUnpatched } from '../db/driver.ts'
import { meetHosted } from '../db/hosted.ts'
import { migrate } from '../db/migrate.ts'
import type { Fault } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { keptSecret } from '../lib/secrets.ts'
import { openArchive } from './forge.ts'

/** The database, migrated. `dataDir` is where data lie in fact; the embedded database may have had to move. */
export interface Storage {
  sql: Database
  /** The database is this process's own, so that nobody else works with it. */
  alone: boolean
  dataDir: string
  moved: boolean
  secret: string
  /** Resolves, once, to why the embedded database is gone for good. */
  lost: Promise<Fault>
  /** For backup and restore; null where the board's forge keeps its own. Asks board.yaml for no more than that. */
  repositories(): Promise<RepositoryArchive | null>
  close(): Promise<void>
}

const never = new Promise<Fault>(() => undefined)

/** `share`: for a verb of the command line, which may run beside the server. */
export async function openStorage(config: Config, log: Log, { share = false } = {}): Promise<Storage> {
  await noteUnpatched(log)
  if (config.databaseUrl !== undefined) await meetHosted(config.databaseUrl, log)
  const embedded =
    config.databaseUrl === undefined
      ? await startEmbedded({ dataDir: config.dataDir, log, share })
      : undefined
  const dataDir = embedded?.dataDir ?? config.dataDir
  const url = config.databaseUrl ?? embedded?.url ?? ''
  const sql = connect(url, { log })
  const close = async () => {
    await sql.end({ timeout: 5 })
    await embedded?.stop()
  }
  try {
    await migrate(sql, { log })
    const secret = config.masterSecret ?? keptSecret(join(dataDir, 'secrets', 'master'))
    const repositories = () => openArchive(config, dataDir)
    const alone = embedded !== undefined && !share
    const lost = embedded?.lost ?? never
    return { sql, alone, dataDir, moved: embedded?.moved ?? false, secret, lost, repositories, close }
  } catch (error) {
    await close()
    throw error
  }
}
