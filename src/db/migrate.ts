import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { Fault } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { packageRoot } from '../lib/root.ts'
import type { Database, Sql } from './client.ts'
import { lockMigrations } from './locks.ts'

export interface Migration {
  number: number
  file: string
  text: string
  checksum: string
}

interface AppliedMigration {
  number: number
  file: string
  checksum: string
}

/**
 * Brings the schema up to this code. Each migration runs in one transaction with its own row, so that a crash leaves
 * whole steps only; any number of processes may call it at once. Returns the files that this call applied. Throws a
 * `Fault` when the database is newer than the code, or when a migration that already ran was edited.
 */
export async function migrate(
  database: Database,
  { log, folder = migrationsFolder() }: { log: Log; folder?: string },
): Promise<string[]> {
  const migrations = await readMigrations(folder)
  const applied: string[] = []
  for (;;) {
    const file = await database.begin((sql) => applyNext(sql, migrations))
    if (file === undefined) return applied
    applied.push(file)
    log.info({ migration: file }, 'the database moved on')
  }
}

/** Brings an open transaction's schema up to the last of the given migrations, or nothing where that is not possible. */
export async function migrateWithin(sql: Sql, migrations: readonly Migration[]): Promise<void> {
  while ((await applyNext(sql, migrations)) !== undefined);
}

export function migrationsFolder(): string {
  return join(packageRoot(), 'src', 'db', 'migrations')
}

/** The folder's migrations in order. Throws a `Fault` for a misnamed file, a gap or a number used twice. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()
  return Promise.all(
    files.map(async (file, index) => {
      const number = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(file)?.[1])
      if (number !== index + 1)
        throw new Fault(`Migration ${file}: expected ${String(index + 1).padStart(4, '0')}_name.sql next.`)
      // A checkout on Windows may have changed the line ends; the migration is still the same.
      const text = (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n')
      return { number, file, text, checksum: createHash('sha256').update(text).digest('hex') }
    }),
  )
}

async function applyNext(sql: Sql, migrations: readonly Migration[]): Promise<string | undefined> {
  await lockMigrations(sql)
  await sql`
    create table if not exists migrations (
      number int primary key,
      file text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`
  const applied = await sql<AppliedMigration[]>`select number, file, checksum from migrations order by number`
  for (const row of applied) compare(row, migrations[row.number - 1])
  const next = migrations[applied.length]
  if (!next) return undefined
  await run(sql, next)
  await sql`insert into migrations (number, file, checksum) values (${next.number}, ${next.file}, ${next.checksum})`
  return next.file
}

function compare(applied: AppliedMigration, migration: Migration | undefined): void {
  if (!migration)
    throw new Fault(
      `The database was written by a newer version (it has ${applied.file}): update this one, or restore a backup made with it.`,
    )
  if (migration.checksum !== applied.checksum)
    throw new Fault(
      `Migration ${migration.file} is not the one that this database ran (${applied.file}): put the old text back and write the change as a new migration.`,
    )
}

async function run(sql: Sql, { file, text }: Migration): Promise<void> {
  try {
    await sql.unsafe(text)
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error
    const line = error.position ? text.slice(0, Number(error.position)).split('\n').length : undefined
    const where = line === undefined ? file : `${file}:${line}`
    throw new Fault(`Migration ${where}: ${error.message}. Nothing of it was kept.`, { cause: error })
  }
}
