import type { CheckResult } from '../core/verdict.ts'
import type { Sql } from './client.ts'
import type { SubmissionRow } from './submissions.ts'

export type ExportedSubmission = Omit<SubmissionRow, 'playerId' | 'memberId'> & {
  answer: string | null
  results: CheckResult[]
}

/** All submissions of a player with what their checks found, oldest first, some at a time. */
export async function* exportedSubmissions(sql: Sql, playerId: string): AsyncIterable<ExportedSubmission[]> {
  let after = '00000000-0000-0000-0000-000000000000'
  for (;;) {
    const rows = await sql<ExportedSubmission[]>`
      select s.id, s.challenge_id, s.trigger, s.received_at, s.status, s.attempt, s.retry_at, s.superseded_by, s.verdict,
        s.finished_at, s.counts_from, s.waits_for, s.waits_until, s.answer,
        coalesce((select jsonb_agg(jsonb_build_object('name', r.name, 'kind', r.kind, 'verdict', r.verdict,
            'findings', r.findings, 'evidence', r.evidence) order by r.position)
          from check_results r where r.submission_id = s.id), '[]') as results
      from submissions s where s.player_id = ${playerId} and s.id > ${after}
      order by s.id limit 500`
    const last = rows.at(-1)
    if (!last) return
    yield rows
    after = last.id
  }
}

export interface ExportedRepository {
  name: string
  createdAt: Date
  resetAt: Date | null
}

export async function exportedRepositories(sql: Sql, playerId: string): Promise<ExportedRepository[]> {
  return await sql<ExportedRepository[]>`
    select name, created_at, reset_at from repositories where player_id = ${playerId} order by created_at, name`
}
