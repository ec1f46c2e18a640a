import type { Standings } from '../../core/standings.ts'
import type { Sql } from '../../db/client.ts'
import type { EventNote } from '../../db/events.ts'
import { submissionById } from '../../db/submissions.ts'
import type { Settings } from '../../game/types.ts'
import { huntState } from '../request/hunt-state.ts'

/** One event of the stream, ready to be written to any number of readers. */
export function frame(event: string, data: unknown, id?: string): Buffer {
  return Buffer.from(
    `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`,
  )
}

/** What a reader begins with: no rows, since the leaderboard's page has them; the version says whether it is current. */
export function currentStandings(board: { version: number; standings: Standings; frozen(): boolean }) {
  const { version, standings } = board
  const first = standings.first()
  return { version, total: standings.total, frozen: board.frozen(), rows: [], gone: [], first }
}

/** Says no more than that the organizers' page of workspaces is not what it was: whoever may read it, asks for it. */
export function workspacesFrame(): Buffer {
  return frame('workspaces', {})
}

/** Whether a note changes what stands on that page; repositories and images do not. */
export function movesWorkspaces({ kind, subject }: EventNote): boolean {
  return kind === 'player' || (kind === 'workspace' && subject.startsWith('cluster:'))
}

/** The event that a note of this player's means, read from the tables as they are now; null where the row is gone. */
export async function privateFrame(sql: Sql, note: EventNote): Promise<Buffer | null> {
  if (note.kind === 'workspace') {
    const [part = '', state] = note.subject.split(':')
    const data = state === undefined ? { state: 'ready', repository: part } : { [part]: state }
    return frame('workspace', data, note.id)
  }
  const row = await submissionById(sql, note.subject)
  if (!row || row.playerId !== note.playerId) return null
  const { id, challengeId: challenge, status, verdict, attempt, retryAt } = row
  return frame('submission', { id, challenge, status, verdict, attempt, retryAt }, note.id)
}

/** Sign of life, for scripts too: how often it comes, in milliseconds, and what time it is here. */
export function beatFrame(every: number): Buffer {
  return frame('beat', { every, now: new Date().toISOString() })
}

export function huntFrame(settings: Settings, id?: string): Buffer {
  return frame('hunt', huntState(settings), id)
}

export function announcementFrame({ announcement }: Settings, id?: string): Buffer {
  return frame('announcement', { id: announcement?.id ?? null, text: announcement?.text ?? null }, id)
}
