import type { Database, Sql } from './client.ts'

const channel = 'registry_probe'

/** Heard by whoever listens just then, in any process; nothing of it is kept. */
export async function tellOfProbe(sql: Sql, digest: string): Promise<void> {
  await sql`select pg_notify(${channel}, ${digest})`
}

/** Resolves when nothing can be missed any more; what it gives ends the listening. */
export async function hearProbes(
  sql: Database,
  heard: (digest: string) => void,
): Promise<() => Promise<void>> {
  const listening = await sql.listen(channel, heard)
  return () => listening.unlisten()
}
