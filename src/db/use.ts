import type { Sql } from './client.ts'

/** A server listens on this database, as the bus of each does. A verb that listens for something else is none. */
export async function isServed(sql: Sql): Promise<boolean> {
  const rows = await sql`
    select from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and query ilike 'listen "event"%'`
  return rows.length > 0
}

export async function holdsPeople(sql: Sql): Promise<boolean> {
  const [row] = await sql<[{ found: boolean }]>`
    select exists (select from members) or exists (select from players) as found`
  return row.found
}
