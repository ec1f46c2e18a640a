import { createHash, randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type Database, type Sql } from '../../src/db/client.ts'
import { ensureEmbedded } from '../../src/db/embedded/ensure.ts'
import { isAlive } from '../../src/lib/process.ts'
import { stopServer } from '../../src/db/embedded/server.ts'
import { migrate, migrationsFolder, readMigrations } from '../../src/db/migrate.ts'
import { silentLog as log } from '../../src/lib/log.ts'

export interface TestDatabase {
  url: string
  sql: Database
  /** Drops the database. Throws when connections other than `sql`'s are still open. */
  close: () => Promise<void>
}

/**
 * A migrated database of its own for one test file. All files and runs share one PostgreSQL, which stays up between
 * them (it holds nobody's event loop): the next run starts within milliseconds, and a crashed run leaves nothing that
 * the next does not sweep away. `node --import tsx test/helpers/postgres.ts --stop` ends and removes it.
 */
export async function testDatabase({ max = 10 } = {}): Promise<TestDatabase> {
  const { urlOf } = await ensureEmbedded(place())
  const admin = connect(urlOf('postgres'), { max: 1, log })
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`
  const template = await ensureTemplate(admin, urlOf)
  await admin`create database ${admin(name)} template ${admin(template)}`
  const sql = connect(urlOf(name), { max, log })
  return {
    url: urlOf(name),
    sql,
    async close() {
      await sql.end({ timeout: 5 })
      const open = await leaked(admin, name)
      await admin`drop database ${admin(name)} with (force)`
      await admin.end({ timeout: 5 })
      if (open.length > 0) throw new Error(`connections were left open, last running: ${open.join('; ')}`)
    },
  }
}

function place() {
  const folder = `shambhala-test-${userInfo().username}`
  return { dataDir: join(tmpdir(), folder), fallback: join('/var/tmp', folder), fast: true }
}

/** The database that test databases are copied from: made once for each state of the migrations. */
async function ensureTemplate(admin: Database, urlOf: (database: string) => string): Promise<string> {
  const migrations = await readMigrations(migrationsFolder())
  const state = createHash('sha256').update(migrations.map(({ checksum }) => checksum).join())
  const name = `template_${state.digest('hex').slice(0, 12)}`
  const [ready] = await admin`select from pg_database where datname = ${name} and datistemplate`
  if (ready) return name
  await admin`select pg_advisory_lock(1)`
  try {
    await sweep(admin)
    const [made] = await admin`select from pg_database where datname = ${name} and datistemplate`
    if (made) return name
    await admin`drop database if exists ${admin(name)} with (force)`
    await admin`create database ${admin(name)}`
    const sql = connect(urlOf(name), { max: 1, log })
    await migrate(sql, { log }).finally(() => sql.end({ timeout: 5 }))
    await leaked(admin, name)
    await admin`alter database ${admin(name)} is_template true`
  } finally {
    await admin`select pg_advisory_unlock(1)`
  }
  return name
}

/** Drops what processes that are gone have left. */
async function sweep(admin: Sql): Promise<void> {
  for (const { datname } of await admin<{ datname: string }[]>`select datname from pg_database`) {
    const pid = /^test_(\d+)_/.exec(datname)?.[1]
    if (pid !== undefined && !isAlive(Number(pid)))
      await admin`drop database if exists ${admin(datname)} with (force)`
  }
}

/** What sessions still do in a database after those that were just closed had a moment to end. */
async function leaked(admin: Sql, database: string): Promise<string[]> {
  for (let attempt = 0; ; attempt++) {
    const open = await admin<{ query: string }[]>`
      select query from pg_stat_activity where datname = ${database} and backend_type = 'client backend'`
    if (open.length === 0 || attempt === 50) return open.map(({ query }) => query)
    await sleep(20)
  }
}

async function stop(): Promise<void> {
  const { cluster, server, dataDir } = await ensureEmbedded(place())
  await stopServer(cluster, server, log)
  await rm(dataDir, { recursive: true, force: true })
}

if (process.argv[1] === import.meta.filename && process.argv.includes('--stop')) await stop()
