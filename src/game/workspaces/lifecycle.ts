import { isLive, namespaceName } from '../../core/workspace.ts'
import { aboutPlayer, note, type AuditAction } from '../../db/audit.ts'
import { tell } from '../../db/events.ts'
import {
  changeWorkspace,
  deleteWorkspaceRow,
  insertWorkspace,
  workspaceRow,
  type WorkspaceChange,
  type WorkspaceRow,
} from '../../db/workspaces.ts'
import { Refusal } from '../../lib/errors.ts'
import { forAll } from '../../lib/rounds.ts'
import { ownerIn } from '../clusters.ts'
import { clusterSubject, enqueue, lifeMs, nextLook } from './advance.ts'
import type { Game } from '../game.ts'
import { holdPlayer } from '../playing.ts'
import type { Clusters } from '../types.ts'
import type { PlayerRef } from '../../core/player.ts'

type Asker = PlayerRef & { memberId: string }

/** Asks for a player's workspace on a cluster, once; it is made in the background. */
export async function requestWorkspace(
  game: Pick<Game, 'sql' | 'hunt' | 'board'>,
  player: PlayerRef,
): Promise<void> {
  const { cluster: clusters } = game.board
  if (!clusters || !wantsCluster(game)) return
  const { budget, environments } = game.hunt.workspace
  if (await insertWorkspace(game.sql, { ...player, budget, environments }))
    await tell(game.sql, 'workspace', player.playerId, clusterSubject('requested'))
  const row = await workspaceRow(game.sql, player.playerId)
  if (row) await enqueue(clusters, row)
}

/** A namespace that no stage asks for is not made. */
export function wantsCluster(game: Pick<Game, 'hunt'>): boolean {
  return game.hunt.challenges.some((challenge) => challenge.needs.includes('cluster') && !challenge.retired)
}

/** Deletes the namespaces with all in them and makes new ones. `typed` must be the namespace's name. */
export async function resetWorkspace(
  game: Pick<Game, 'sql' | 'board'>,
  player: Asker,
  typed: string,
): Promise<void> {
  const name = namespaceName(player.slug)
  if (typed.trim() !== name)
    throw new Refusal(422, 'reset-name', `To start again, type the name of your namespace: ${name}.`)
  await change(game, player, 'workspace-reset', (row) => {
    if (row.state === 'gone')
      return { state: 'requested', requestedAt: new Date(), reason: null, attempt: 1, nextAt: new Date() }
    if (row.cluster === null || row.state === 'requested' || row.state === 'waiting')
      throw new Refusal(409, 'workspace-not-ready', 'There is no namespace to start again yet.')
    const nextAt = new Date()
    return { state: 'deleting', step: null, again: true, reason: null, notice: null, attempt: 1, nextAt }
  })
}

/** Another whole life from now on, for a workspace that would be deleted otherwise. */
export async function renewWorkspace(game: Pick<Game, 'sql' | 'board'>, player: Asker): Promise<void> {
  await change(game, player, 'workspace-renewed', (row, clusters) => {
    if (!isLive(row.state))
      throw new Refusal(409, 'workspace-not-ready', 'Only a namespace that is there can be renewed.')
    const expiresAt = new Date(Date.now() + lifeMs(clusters))
    return { state: 'ready', expiresAt, nextAt: nextLook(clusters, expiresAt) }
  })
}

/** Tries at once what failed: a deletion goes on, anything else begins again from the first namespace. */
export async function repairWorkspace(game: Pick<Game, 'sql' | 'board'>, player: Asker): Promise<void> {
  await change(game, player, 'workspace-repaired', (row) => ({
    attempt: 1,
    nextAt: new Date(),
    ...(row.state === 'failed' &&
      (row.step === 'deleting'
        ? { state: 'deleting' as const, step: null }
        : { state: 'creating' as const, step: null, done: [] })),
  }))
}

/**
 * Takes down what a player who left was given; the row says so already. What nothing was made of, or is gone, needs no row. Where
 * there is none any more, a step that was under way may have made something after the end: that goes here.
 */
export async function clearWorkspace(
  game: Pick<Game, 'sql' | 'hunt' | 'board' | 'server'>,
  { playerId, slug }: PlayerRef,
): Promise<void> {
  const { cluster: clusters } = game.board
  await deleteWorkspaceRow(game.sql, playerId)
  const row = await workspaceRow(game.sql, playerId)
  if (!clusters) return
  if (row) {
    await enqueue(clusters, row)
    return
  }
  const environments = ['', ...game.hunt.workspace.environments]
  await forAll(clusters.all.values(), (cluster) =>
    forAll(environments, (environment) => cluster.remove(namespaceName(slug, environment), ownerIn(game))),
  )
}

export function noWorkspace(): Refusal {
  return new Refusal(404, 'no-workspace', 'There is no namespace on a cluster for you in this hunt.')
}

/** Decides on the row as it is and writes; looks again where somebody else was faster. */
async function change(
  game: Pick<Game, 'sql' | 'board'>,
  player: Asker,
  action: AuditAction,
  decide: (row: WorkspaceRow, clusters: Clusters) => WorkspaceChange,
): Promise<void> {
  const { cluster: clusters } = game.board
  const row = clusters && (await workspaceRow(game.sql, player.playerId))
  if (!clusters || !row) throw noWorkspace()
  const next = decide(row, clusters)
  const written = await game.sql.begin(async (sql) => {
    await holdPlayer(sql, player)
    const version = await changeWorkspace(sql, row, next)
    if (version === null) return false
    await note(sql, { memberId: player.memberId, action, subject: aboutPlayer(player.playerId) })
    await tell(sql, 'workspace', player.playerId, clusterSubject(next.state ?? row.state))
    return true
  })
  if (!written) {
    await change(game, player, action, decide)
    return
  }
  const now = await workspaceRow(game.sql, player.playerId)
  if (now) await enqueue(clusters, now)
}
