import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import postgres from 'postgres'
import { Fault } from '../lib/errors.ts'
import type { Sql } from './client.ts'

export interface TableShape {
  name: string
  /** Without generated columns, which nobody may write. */
  columns: string[]
}

/** The hunt's tables, each behind those that it points at; not the list of migrations, and no secrets that are shown for minutes. */
export async function tableShapes(sql: Sql): Promise<TableShape[]> {
  const tables = await sql<TableShape[]>`
    select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relname not in ('migrations', 'keepsakes')
      and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
    group by c.relname order by c.relname`
  const references = await sql<{ name: string; target: string }[]>`
    select c.relname as name, t.relname as target
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class t on t.oid = k.confrelid
    where k.contype = 'f' and c.oid <> t.oid and c.relnamespace = current_schema()::regnamespace`
  return inOrder(tables, references)
}

function inOrder(
  tables: readonly TableShape[],
  references: readonly { name: string; target: string }[],
): TableShape[] {
  const ordered: TableShape[] = []
  let left = [...tables]
  while (left.length > 0) {
    const names = new Set(left.map(({ name }) => name))
    const blocked = new Set(references.filter(({ target }) => names.has(target)).map(({ name }) => name))
    const free = left.filter(({ name }) => !blocked.has(name))
    if (free.length === 0) throw new Error(`tables point at each other in a circle: ${[...names].join(', ')}`)
    ordered.push(...free)
    left = left.filter((table) => blocked.has(table.name))
  }
  return ordered
}

/** The rows in PostgreSQL's own text form of COPY. */
export async function* copyOut(sql: Sql, { name, columns }: TableShape): AsyncGenerator<Buffer> {
  const rows = await sql`copy ${sql(name)} (${sql(columns)}) to stdout`.readable()
  try {
    yield* rows.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  } finally {
    // Rows that nobody takes would stand before the answer to the next query.
    if (!rows.readableEnded) await finished(rows.resume())
    // Where much data and the end come in one breath, the driver leaves the connection paused.
    rows._read(0)
  }
}

/** Foreign keys and checks hold; triggers must have been silenced. A `Fault` where the table refuses a row. */
export async function copyIn(
  sql: Sql,
  { name, columns }: TableShape,
  rows: AsyncIterable<Buffer>,
): Promise<void> {
  const table = await sql`copy ${sql(name)} (${sql(columns)}) from stdin`.writable()
  const failed: { error?: Error } = {}
  table.on('error', (error) => (failed.error = error))
  try {
    for await (const part of rows) await written(table, part)
    table.end()
    // The driver is silent about what the table refused last; the connection is not.
    await sql`select 1`
  } catch (error) {
    // Ends the COPY where it is the rows that broke off.
    table.destroy(error instanceof Error ? error : new Error(String(error)))
    const cause = failed.error ?? error
    if (!(cause instanceof postgres.PostgresError)) throw error
    throw new Fault(`The backup is damaged: the table ${name} refuses its rows.`, { cause })
  }
}

function written(table: Writable, part: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    table.write(part, (error) => (error ? reject(error) : resolve()))
  })
}

/** Restored rows are no news, and the append-only ones have to be written once more. */
export async function silenceTriggers(sql: Sql, tables: readonly TableShape[]): Promise<void> {
  for (const { name } of tables) await sql`alter table ${sql(name)} disable trigger user`
}

export async function wakeTriggers(sql: Sql, tables: readonly TableShape[]): Promise<void> {
  for (const { name } of tables) await sql`alter table ${sql(name)} enable trigger user`
}

interface Identity {
  table: string
  column: string
}

async function identities(sql: Sql): Promise<Identity[]> {
  return await sql<Identity[]>`
    select c.relname as table, a.attname as column
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and a.attidentity <> ''`
}

/** The last number that each identity gave out, by `table.column`; without those that gave none. */
export async function lastNumbers(sql: Sql): Promise<Record<string, string>> {
  const last: Record<string, string> = {}
  for (const { table, column } of await identities(sql)) {
    const [row] = await sql<[{ value: string | null }]>`
      select pg_sequence_last_value(pg_get_serial_sequence(${table}, ${column})::regclass)::text as value`
    if (row.value !== null) last[`${table}.${column}`] = row.value
  }
  return last
}

/** No identity gives out a number that was given before, whether or not its row is still there. */
export async function continueNumbers(sql: Sql, last: Readonly<Record<string, string>>): Promise<void> {
  for (const { table, column } of await identities(sql)) {
    const given = last[`${table}.${column}`] ?? '0'
    await sql`
      select setval(pg_get_serial_sequence(${table}, ${column}), greatest(${given}::bigint, max(${sql(column)})))
      from ${sql(table)} having greatest(${given}::bigint, max(${sql(column)})) > 0`
  }
}

/** Drops all tables and functions that are not an extension's. */
export async function dropSchema(sql: Sql): Promise<void> {
  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_class c where relnamespace = current_schema()::regnamespace and relkind = 'r'
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')`
  for (const { name } of tables) await sql`drop table ${sql(name)} cascade`
  const functions = await sql<{ name: string }[]>`
    select p.oid::regprocedure::text as name from pg_proc p where pronamespace = current_schema()::regnamespace
      and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')`
  for (const { name } of functions) await sql.unsafe(`drop function ${name} cascade`)
}
