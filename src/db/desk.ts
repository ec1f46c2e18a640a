import type { Sql } from './client.ts'

export interface DeskPlayer {
  id: string
  slug: string
  name: string | null
  hidden: boolean
  createdAt: Date
  score: number
  solved: number
  lastSeenAt: Date | null
  /** Takes hints and has never pushed or asked for a verdict: maybe a throw-away account. */
  hintsOnly: boolean
}

/** Players whose name or slug holds the text, best first. */
export async function findPlayers(sql: Sql, text: string, limit: number): Promise<DeskPlayer[]> {
  const like = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  return await sql<DeskPlayer[]>`
    select p.id, p.slug, p.name, p.hidden, p.created_at,
      coalesce(s.score, 0)::int as score, coalesce(s.solved, 0)::int as solved,
      (select max(received_at) from submissions where player_id = p.id) as last_seen_at,
      exists (select 1 from hints_taken where player_id = p.id)
        and not exists (select 1 from submissions where player_id = p.id) as hints_only
    from players p
    left join lateral (select sum(award) as score, count(*) as solved from solves where player_id = p.id) s on true
    where p.state = 'active' and (p.name ilike ${like} or p.slug ilike ${like})
    order by score desc, p.id limit ${limit}`
}

/** How many players each challenge is open to and not solved by, and how many solved it. */
export async function whoIsWhere(
  sql: Sql,
): Promise<{ challengeId: string; tried: number; solved: number }[]> {
  return await sql<{ challengeId: string; tried: number; solved: number }[]>`
    select c.id as challenge_id,
      (select count(distinct player_id) from submissions s where s.challenge_id = c.id
        and not exists (select 1 from solves v where v.player_id = s.player_id and v.challenge_id = c.id))::int as tried,
      (select count(*) from solves v where v.challenge_id = c.id)::int as solved
    from challenges c`
}
