import { z } from 'zod'
import { placedStates, workspaceStates, type WorkspaceState } from '../../../core/workspace.ts'
import { countWorkspaces, listWorkspaces, type DeskWorkspace } from '../../../db/desk-workspaces.ts'
import type { Game } from '../../../game/game.ts'
import type { Age, DeskWorkspaceRow, DeskWorkspacesPage } from './model.ts'

const shown = 200
const patientMs = 60_000

// Always columns, so that the table does not jump while one after the other goes through them.
const steady: readonly WorkspaceState[] = ['waiting', 'creating', 'probing', 'ready', 'failed']

const queries = z.object({
  find: z.string().max(100).catch(''),
  state: z.enum(workspaceStates).or(z.literal('')).catch(''),
  cluster: z.string().max(100).catch(''),
})

export async function deskWorkspacesPage(
  game: Pick<Game, 'sql' | 'board'>,
  query: unknown,
): Promise<DeskWorkspacesPage> {
  const filter = queries.parse(query)
  const counts = await countWorkspaces(game.sql)
  const rows = await listWorkspaces(game.sql, { ...filter, limit: shown + 1 })
  const columns = workspaceStates.filter(
    (state) => steady.includes(state) || counts.some((one) => one.state === state),
  )
  const known = [...(game.board.cluster?.all.values() ?? [])]
  const names = new Set([...known.map(({ name }) => name), ...counts.map(({ cluster }) => cluster)])
  return {
    states: columns,
    choices: workspaceStates,
    clusters: [...names].map((name) => {
      const own = counts.filter(({ cluster }) => cluster === name)
      const count = (state: WorkspaceState) => own.find((one) => one.state === state)?.count ?? 0
      return {
        name,
        capacity: known.find((one) => one.name === name)?.capacity ?? null,
        used: placedStates.reduce((sum, state) => sum + count(state), 0),
        counts: columns.map((state) => ({ state, count: count(state) })),
      }
    }),
    filter,
    rows: rows.slice(0, shown).map(rowOf),
    more: rows.length > shown,
  }
}

/** How many workspaces an organizer has to look at; null where the board has no cluster. */
export async function troubledWorkspaces(game: Pick<Game, 'sql' | 'board'>): Promise<number | null> {
  if (!game.board.cluster) return null
  const counts = await countWorkspaces(game.sql)
  return counts.reduce((sum, { state, count }) => sum + (state === 'failed' ? count : 0), 0)
}

function rowOf(one: DeskWorkspace): DeskWorkspaceRow {
  const { slug, name, state, cluster, changedAt, expiresAt, reason, surprises, attempt } = one
  // While it goes on as it should, a deletion says what is left; only one that takes long is stuck.
  const isUnderWay = state === 'deleting' && Date.now() - changedAt.getTime() < patientMs
  const inTrouble = state === 'failed' || (reason !== null && !isUnderWay)
  return {
    slug,
    name,
    state,
    cluster,
    changedAt,
    expiresAt,
    age: ageOf(one.requestedAt),
    trouble: inTrouble ? { reason: reason ?? '', surprises, attempt, nextTry: one.nextAt } : null,
    mayRepair: inTrouble,
    // Of a player who left, nothing is made anew.
    mayReset: name !== null && cluster !== null && !['requested', 'waiting', 'deleting'].includes(state),
  }
}

function ageOf(since: Date): Age {
  const minutes = Math.max(0, Math.floor((Date.now() - since.getTime()) / 60_000))
  if (minutes < 60) return { unit: 'minutes', count: minutes }
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? { unit: 'hours', count: hours } : { unit: 'days', count: Math.floor(hours / 24) }
}
