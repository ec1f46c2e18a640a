import { placedStates, type WorkspaceState } from '../core/workspace.ts'
import type { Sql } from './client.ts'
import { jsonOf } from './json.ts'

export interface WorkspaceRow {
  playerId: string
  slug: string
  /** null once the player has left. */
  playerName: string | null
  budget: string
  environments: string[]
  cluster: string | null
  state: WorkspaceState
  step: 'creating' | 'probing' | 'deleting' | null
  reason: string | null
  attempt: number
  version: number
  nextAt: Date | null
  again: boolean
  done: string[]
  probes: { id: string; expected: string; ok: boolean; saw: string }[]
  requestedAt: Date
  changedAt: Date
  readyAt: Date | null
  expiresAt: Date | null
  notice: WorkspaceNotice | null
}

/** The last thing that the game did to a workspace unasked, for its player to know. */
export interface WorkspaceNotice {
  /** `lost`: it was no longer on its cluster, and was made anew. `freed`: finalizers that held up its deletion were taken off. */
  what: 'lost' | 'freed'
  /** As RFC 3339 text. */
  at: string
  /** Namespaces, or objects with their finalizers. */
  items: string[]
}

/** What a step changes; what is not named stays. */
export type WorkspaceChange = Partial<
  Pick<
    WorkspaceRow,
    | 'cluster'
    | 'state'
    | 'step'
    | 'reason'
    | 'attempt'
    | 'nextAt'
    | 'again'
    | 'done'
    | 'probes'
    | 'readyAt'
    | 'expiresAt'
    | 'requestedAt'
    | 'budget'
    | 'environments'
    | 'notice'
  >
>

const columns = (sql: Sql) => sql`
  w.player_id, w.slug, p.name as player_name, w.budget, w.environments, w.cluster, w.state, w.step, w.reason, w.attempt,
  w.version, w.next_at, w.again, w.done, w.probes, w.requested_at, w.changed_at, w.ready_at, w.expires_at,
  w.notice`

/** True where there was none before, and the player has not left. */
export async function insertWorkspace(
  sql: Sql,
  one: { playerId: string; slug: string; budget: string; environments: readonly string[] },
): Promise<boolean> {
  const rows = await sql`
    insert into workspaces (player_id, slug, budget, environments)
    select id, ${one.slug}, ${one.budget}, ${one.environments as string[]}
    from players where id = ${one.playerId} and state = 'active' for key share
    on conflict do nothing returning player_id`
  return rows.length > 0
}

export async function workspaceRow(sql: Sql, playerId: string): Promise<WorkspaceRow | undefined> {
  const [row] = await sql<WorkspaceRow[]>`
    select ${columns(sql)} from workspaces w join players p on p.id = w.player_id where w.player_id = ${playerId}`
  return row
}

export async function workspaceBySlug(sql: Sql, slug: string): Promise<WorkspaceRow | undefined> {
  const [row] = await sql<WorkspaceRow[]>`
    select ${columns(sql)} from workspaces w join players p on p.id = w.player_id where w.slug = ${slug}`
  return row
}

export async function allWorkspaces(sql: Sql): Promise<WorkspaceRow[]> {
  return await sql<WorkspaceRow[]>`
    select ${columns(sql)} from workspaces w join players p on p.id = w.player_id order by w.requested_at, w.player_id`
}

/** Those that somebody has to look at within the next seconds. */
export async function dueWorkspaces(
  sql: Sql,
  withinSeconds: number,
): Promise<{ playerId: string; version: number; delayMs: number }[]> {
  return await sql<{ playerId: string; version: number; delayMs: number }[]>`
    select player_id, version, greatest(0, extract(epoch from next_at - now()) * 1000)::int as delay_ms
    from workspaces where next_at < now() + make_interval(secs => ${withinSeconds}) order by next_at limit 1000`
}

/** Writes a change unless somebody else was faster; gives the new version, or null. */
export async function changeWorkspace(
  sql: Sql,
  { playerId, version }: Pick<WorkspaceRow, 'playerId' | 'version'>,
  change: WorkspaceChange,
): Promise<number | null> {
  const { probes, notice, ...rest } = change
  const values = {
    ...rest,
    ...(probes && { probes: sql.json(JSON.parse(jsonOf(probes)) as never) }),
    ...(notice !== undefined && { notice: notice && sql.json(JSON.parse(jsonOf(notice)) as never) }),
    ...(rest.state !== undefined && { changedAt: new Date() }),
    version: version + 1,
  }
  const [row] = await sql<{ version: number }[]>`
    update workspaces set ${sql(values as never)}
    where player_id = ${playerId} and version = ${version} returning version`
  return row?.version ?? null
}

/** How many workspaces each cluster carries. */
export async function loads(sql: Sql): Promise<Map<string, number>> {
  const rows = await sql<{ cluster: string; count: number }[]>`
    select cluster, count(*)::int as count from workspaces
    where state = any(${[...placedStates]}) group by cluster`
  return new Map(rows.map((row) => [row.cluster, row.count]))
}

/** How many wait longer than this one. */
export async function waitingBefore(sql: Sql, playerId: string): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from workspaces w, workspaces me
    where me.player_id = ${playerId} and w.state = 'waiting'
      and (w.requested_at, w.player_id) < (me.requested_at, me.player_id)`
  return row.count
}

/** Who waits, the longest first. */
export async function firstWaiting(
  sql: Sql,
  count: number,
): Promise<{ playerId: string; version: number }[]> {
  return await sql<{ playerId: string; version: number }[]>`
    select player_id, version from workspaces where state = 'waiting' order by requested_at, player_id limit ${count}`
}

/** Whatever step it is at, it is taken down next; what nothing was made of is gone already. The new version, or null where there is none. */
export async function endWorkspaceRow(sql: Sql, playerId: string): Promise<number | null> {
  const [row] = await sql<{ version: number }[]>`
    update workspaces set version = version + 1, step = null, again = false, reason = null, attempt = 1, changed_at = now(),
      state = case when cluster is null or state = 'gone' then 'gone' else 'deleting' end,
      next_at = case when cluster is null or state = 'gone' then null else now() end
    where player_id = ${playerId} returning version`
  return row?.version ?? null
}

export async function deleteWorkspaceRow(sql: Sql, playerId: string): Promise<void> {
  await sql`delete from workspaces where player_id = ${playerId} and state = 'gone'`
}
