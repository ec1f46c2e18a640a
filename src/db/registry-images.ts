import type { Sql } from './client.ts'
import { jsonOf } from './json.ts'

/** What is kept of a manifest in a player's path. */
export interface ManifestRow {
  repository: string
  digest: string
  mediaType: string
  tags: string[]
  /** Of the manifest itself. */
  bytes: number
  /** The configuration first. */
  blobs: string[]
  children: string[]
  subject: string | null
}

/** One line of the page: a tag, or a manifest that has none. */
export interface StoredImage {
  repository: string
  tag: string | null
  digest: string
  mediaType: string
  /** With all that it holds, and the manifests of an index. */
  bytes: number
  pushedAt: Date
}

export async function manifestsOf(sql: Sql, playerId: string): Promise<(ManifestRow & { pushedAt: Date })[]> {
  return await sql<(ManifestRow & { pushedAt: Date })[]>`
    select repository, digest, media_type, tags, bytes::float8 as bytes, blobs, children, subject, pushed_at
    from registry_manifests where player_id = ${playerId} order by repository, pushed_at desc, digest`
}

/** Tags, newest first, and manifests that nothing names; those of an index count for it. */
export async function storedImages(sql: Sql, playerId: string): Promise<StoredImage[]> {
  return await sql<StoredImage[]>`
    with mine as (select * from registry_manifests where player_id = ${playerId}),
    parts as (
      select repository, digest as whole, digest as part from mine
      union select m.repository, m.digest, child from mine m, unnest(m.children) child
    ), held as (
      select distinct p.repository, p.whole, b.digest, b.bytes
      from parts p join mine m on m.repository = p.repository and m.digest = p.part
        join lateral unnest(m.blobs) blob on true
        join registry_blobs b on b.player_id = ${playerId} and b.repository = p.repository and b.digest = blob
    )
    select m.repository, tag, m.digest, m.media_type, m.pushed_at,
      ((select coalesce(sum(h.bytes), 0) from held h where h.repository = m.repository and h.whole = m.digest)
        + (select sum(c.bytes) from mine c join parts p on p.repository = c.repository and p.part = c.digest
           where p.repository = m.repository and p.whole = m.digest))::float8 as bytes
    from mine m left join lateral unnest(m.tags) tag on true
    where tag is not null or not exists (
      select from mine i where i.repository = m.repository and m.digest = any(i.children))
    order by m.pushed_at desc, m.repository, tag`
}

/**
 * Digests of a player's manifests that are one image to a node with what is named: by the named digest, which is that of a
 * manifest in anybody's path or of a configuration.
 */
export async function twinsOf(
  sql: Sql,
  playerId: string,
  named: readonly string[],
): Promise<Map<string, string[]>> {
  const rows = await sql<{ name: string; digests: string[] }[]>`
    with names as (select unnest(${named}::text[]) as name),
    configurations as (
      select name, name as digest from names
      union select name, o.blobs[1] from names join registry_manifests o on o.digest = name
    )
    select name, array_agg(distinct m.digest) as digests
    from configurations c join registry_manifests m on m.player_id = ${playerId} and m.blobs[1] = c.digest
    group by name`
  return new Map(rows.map(({ name, digests }) => [name, digests]))
}

/** What is known of one repository becomes what was read there. */
export async function writeRepository(
  sql: Sql,
  playerId: string,
  repository: string,
  read: { manifests: readonly ManifestRow[]; blobs: ReadonlyMap<string, number> },
): Promise<boolean> {
  const rows = jsonOf(read.manifests)
  const gone = await sql`
    delete from registry_manifests where player_id = ${playerId} and repository = ${repository}
      and digest <> all(${read.manifests.map(({ digest }) => digest)}) returning 1`
  const changed = await sql`
    insert into registry_manifests as kept
      (player_id, repository, digest, media_type, tags, bytes, blobs, children, subject)
    select ${playerId}, ${repository}, digest, "mediaType", tags, bytes, blobs, children, subject
    from jsonb_to_recordset(${rows}::text::jsonb) as given (digest text, "mediaType" text, tags text[],
      bytes bigint, blobs text[], children text[], subject text)
    on conflict (player_id, repository, digest) do update
      -- A tag that is put on it is a push, too.
      set tags = excluded.tags, pushed_at = case when kept.tags @> excluded.tags then kept.pushed_at else now() end
      where kept.tags <> excluded.tags
    returning 1`
  const lost = await sql`
    delete from registry_blobs where player_id = ${playerId} and repository = ${repository}
      and digest <> all(${[...read.blobs.keys()]}) returning 1`
  const blobs = jsonOf([...read.blobs].map(([digest, bytes]) => ({ digest, bytes })))
  const found = await sql`
    insert into registry_blobs as kept (player_id, repository, digest, bytes)
    select ${playerId}, ${repository}, digest, bytes
    from jsonb_to_recordset(${blobs}::text::jsonb) as given (digest text, bytes bigint)
    on conflict (player_id, repository, digest) do update set bytes = excluded.bytes
      where kept.bytes <> excluded.bytes
    returning 1`
  return gone.length + changed.length + lost.length + found.length > 0
}

/** Bytes by digest of all that is known to lie in one repository. */
export async function blobsIn(sql: Sql, playerId: string, repository: string): Promise<Map<string, number>> {
  const rows = await sql<{ digest: string; bytes: number }[]>`
    select digest, bytes::float8 as bytes from registry_blobs
    where player_id = ${playerId} and repository = ${repository}`
  return new Map(rows.map(({ digest, bytes }) => [digest, bytes]))
}

/** Repositories of which anything is known. */
export async function knownRepositories(sql: Sql, playerId: string): Promise<string[]> {
  const rows = await sql<{ repository: string }[]>`
    select repository from registry_manifests where player_id = ${playerId}
    union select repository from registry_blobs where player_id = ${playerId}`
  return rows.map(({ repository }) => repository)
}

export async function forgetRegistry(sql: Sql, playerId: string): Promise<void> {
  await sql`delete from registry_manifests where player_id = ${playerId}`
  await sql`delete from registry_blobs where player_id = ${playerId}`
  await sql`delete from registry_use where player_id = ${playerId}`
  await sql`delete from registry_refusals where player_id = ${playerId}`
}
