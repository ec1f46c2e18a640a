import type { Sql } from './client.ts'

export interface RegistryUse {
  /** What manifests name, shared layers once. */
  bytes: number
  /** What no manifest names. */
  loose: number
  /** There are more repositories or tags than are read. */
  crowded: boolean
  readAt: Date
}

/** null where nothing was ever pushed. */
export async function registryUse(sql: Sql, playerId: string): Promise<RegistryUse | null> {
  const [row] = await sql<RegistryUse[]>`
    select bytes::float8 as bytes, loose::float8 as loose, crowded, read_at
    from registry_use where player_id = ${playerId}`
  return row ?? null
}

/** The same, and the budget of the workspace, for whoever asks at every push; null where nothing was ever pushed. */
export async function registryUseAndBudget(
  sql: Sql,
  playerId: string,
): Promise<(Omit<RegistryUse, 'readAt'> & { budget: string | null }) | null> {
  const [row] = await sql<(Omit<RegistryUse, 'readAt'> & { budget: string | null })[]>`
    select u.bytes::float8 as bytes, u.loose::float8 as loose, u.crowded, w.budget
    from registry_use u left join workspaces w on w.player_id = u.player_id where u.player_id = ${playerId}`
  return row ?? null
}

/** The same of every player who ever pushed. */
export async function allRegistryUse(sql: Sql): Promise<(RegistryUse & { slug: string })[]> {
  return await sql<(RegistryUse & { slug: string })[]>`
    select p.slug, u.bytes::float8 as bytes, u.loose::float8 as loose, u.crowded, u.read_at
    from registry_use u join players p on p.id = u.player_id`
}

/** Adds up what the other tables say. Who did not read the `whole` path cannot say that it is not crowded. */
export async function sumRegistryUse(
  sql: Sql,
  playerId: string,
  { crowded, whole }: { crowded: boolean; whole: boolean },
): Promise<void> {
  await sql`
    with held as (
      select distinct unnest(blobs) as digest from registry_manifests where player_id = ${playerId}
    ), stored as (
      select digest, max(bytes) as bytes from registry_blobs where player_id = ${playerId} group by digest
    ), own as (
      select coalesce(sum(bytes), 0) as bytes
      from (select distinct digest, bytes from registry_manifests where player_id = ${playerId}) one
    )
    insert into registry_use as kept (player_id, bytes, loose, crowded)
    select ${playerId},
      (select bytes from own) + coalesce(sum(stored.bytes) filter (where held.digest is not null), 0),
      coalesce(sum(stored.bytes) filter (where held.digest is null), 0),
      ${crowded}
    from stored left join held using (digest)
    on conflict (player_id) do update
      set bytes = excluded.bytes, loose = excluded.loose, read_at = now(),
        crowded = excluded.crowded or (kept.crowded and not ${whole})`
}
