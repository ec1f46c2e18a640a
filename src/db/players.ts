import type { Sql } from './client.ts'

export interface PlayerRow {
  id: string
  slug: string
  /** null once the player left. */
  name: string | null
  state: 'active' | 'left'
  hidden: boolean
  createdAt: Date
}

export async function insertPlayer(
  sql: Sql,
  player: { slug: string; name: string; skeleton: string },
): Promise<string> {
  const [row] = await sql<[{ id: string }]>`
    insert into players ${sql(player, 'slug', 'name', 'skeleton')} returning id`
  return row.id
}

/** True where the slug was ever given out, also to somebody who left. */
export async function slugTaken(sql: Sql, slug: string, hash: Buffer): Promise<boolean> {
  const rows = await sql`
    select 1 from players where slug = ${slug} union all select 1 from retired_slugs where hash = ${hash}`
  return rows.length > 0
}

/**
 * Whoever changes what a player is or has takes turns here, before they lock any other row of theirs (see `locks.ts`). False
 * where the player has left: then there is nothing to change any more.
 */
export async function lockPlayer(sql: Sql, id: string): Promise<boolean> {
  const [row] = await sql<{ state: PlayerRow['state'] }[]>`
    select state from players where id = ${id} for no key update`
  return row?.state === 'active'
}

/** The same for whoever ends a player: also who only refers to one waits, and refers to one who has left. */
export async function lockLeaver(sql: Sql, id: string): Promise<boolean> {
  const [row] = await sql<
    { state: PlayerRow['state'] }[]
  >`select state from players where id = ${id} for update`
  return row?.state === 'active'
}

export async function isPlaying(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql`select 1 from players where id = ${id} and state = 'active'`
  return rows.length > 0
}

/** Whether a slug was somebody's who left. */
export async function isRetired(sql: Sql, hash: Buffer): Promise<boolean> {
  const rows = await sql`select 1 from retired_slugs where hash = ${hash}`
  return rows.length > 0
}

export async function playerById(sql: Sql, id: string): Promise<PlayerRow | undefined> {
  const [row] = await sql<PlayerRow[]>`
    select id, slug, name, state, hidden, created_at from players where id = ${id}`
  return row
}

export async function playerBySlug(sql: Sql, slug: string): Promise<PlayerRow | undefined> {
  const [row] = await sql<PlayerRow[]>`
    select id, slug, name, state, hidden, created_at from players where slug = ${slug}`
  return row
}

export async function renamePlayer(sql: Sql, id: string, name: string, skeleton: string): Promise<void> {
  await sql`update players set name = ${name}, skeleton = ${skeleton} where id = ${id} and state = 'active'`
}

export async function hidePlayer(sql: Sql, id: string, hidden: boolean): Promise<boolean> {
  const rows =
    await sql`update players set hidden = ${hidden} where id = ${id} and hidden <> ${hidden} returning id`
  return rows.length > 0
}

/** Takes name and slug off the row, which stays for its solves; the old slug is never given out again. */
export async function forgetPlayer(sql: Sql, id: string, slug: string, retired: Buffer): Promise<void> {
  await sql`insert into retired_slugs (hash) values (${retired}) on conflict do nothing`
  await sql`
    update players set state = 'left', left_at = now(), name = null, skeleton = null, slug = ${slug} where id = ${id}`
}

export interface StandingRow {
  id: string
  slug: string
  name: string | null
  hidden: boolean
}

export async function standingPlayers(sql: Sql): Promise<StandingRow[]> {
  return await sql<StandingRow[]>`select id, slug, name, hidden from players order by id`
}
