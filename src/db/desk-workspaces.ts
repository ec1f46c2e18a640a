import type { WorkspaceState } from '../core/workspace.ts'
import type { Sql } from './client.ts'

export interface DeskWorkspace {
  slug: string
  /** null once the player has left. */
  name: string | null
  state: WorkspaceState
  cluster: string | null
  reason: string | null
  attempt: number
  nextAt: Date | null
  requestedAt: Date
  changedAt: Date
  expiresAt: Date | null
  /** What the isolation probe did not expect. */
  surprises: { id: string; expected: string; saw: string }[]
}

/** Workspaces whose player's name or slug holds the text: those in trouble first, then the oldest. */
export async function listWorkspaces(
  sql: Sql,
  { find, state, cluster, limit }: { find: string; state: string; cluster: string; limit: number },
): Promise<DeskWorkspace[]> {
  const like = `%${find.replace(/[\\%_]/g, '\\$&')}%`
  return await sql<DeskWorkspace[]>`
    select w.slug, p.name, w.state, w.cluster, w.reason, w.attempt, w.next_at, w.requested_at, w.changed_at, w.expires_at,
      (select coalesce(jsonb_agg(probe), '[]') from jsonb_array_elements(w.probes) probe where probe->>'ok' = 'false') as surprises
    from workspaces w join players p on p.id = w.player_id
    where (p.name ilike ${like} or w.slug ilike ${like})
      and (${state} = '' or w.state = ${state}) and (${cluster} = '' or w.cluster = ${cluster})
    order by w.state <> 'failed', w.reason is null, w.requested_at, w.player_id limit ${limit}`
}

/** How many workspaces each cluster has in each state; `cluster` null: of those that have none yet. */
export async function countWorkspaces(
  sql: Sql,
): Promise<{ cluster: string | null; state: WorkspaceState; count: number }[]> {
  return await sql<{ cluster: string | null; state: WorkspaceState; count: number }[]>`
    select cluster, state, count(*)::int as count from workspaces group by cluster, state`
}
