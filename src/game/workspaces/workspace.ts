import type { IngressWay, QuotaUse } from '../../board/cluster/types.ts'
import type { GitLogin } from '../../board/forge/types.ts'
import { isLive, namespaceName, type WorkspaceState } from '../../core/workspace.ts'
import { waitingBefore, workspaceRow, type WorkspaceNotice, type WorkspaceRow } from '../../db/workspaces.ts'
import { Refusal } from '../../lib/errors.ts'
import { clusterOf, ownerIn } from '../clusters.ts'
import type { Game } from '../game.ts'
import { registryPlace, type RegistryPlace } from '../registry/player-images.ts'
import { givenRepositories, type GivenRepositories } from '../handing-out/repositories.ts'
import { noWorkspace, wantsCluster } from './lifecycle.ts'
import type { Clusters } from '../types.ts'
import type { PlayerRef } from '../../core/player.ts'

const noticeMs = 3 * 86_400_000

export interface Workspace {
  /** Of the repositories; `none`: no part of the board. */
  state: GivenRepositories['state'] | 'none'
  /** `challenges`: their ids. */
  repositories: (GitLogin & { name: string; url: string; challenges: string[] })[]
  /** null where the board has no cluster, or no stage asks for one. */
  cluster: ClusterWorkspace | null
  /** null where the board has no registry. */
  registry: RegistryPlace | null
}

/** A workspace on a cluster, as its player sees it. */
export interface ClusterWorkspace {
  state: WorkspaceState
  /** The main one first. `ready`: made, though perhaps not probed yet. */
  namespaces: { name: string; environment: string; ready: boolean }[]
  /** How many wait longer, while every cluster is full. */
  before: number | null
  /** What host names of Ingresses end with; null where the cluster has no ingress. */
  hostSuffix: string | null
  /** How Ingresses of this player are called; null where the cluster has no ingress. */
  ingress: Pick<IngressWay, 'publicHttpPort' | 'publicHttpsPort' | 'onServer'> | null
  readyAt: Date | null
  /** When it is deleted unless it is renewed. */
  expiresAt: Date | null
  /** When a step that failed is tried again; null where an organizer has to look. */
  nextTry: Date | null
  /** What the game last did to it unasked, for some days. */
  notice: { what: WorkspaceNotice['what']; at: Date; items: string[] } | null
}

/** What the player was given so far, one key for each part of the board. */
export async function workspaceOf(game: Game, player: PlayerRef, origin: string): Promise<Workspace> {
  const cluster = await clusterWorkspace(game, player)
  const registry = await registryPlace(game, player)
  const given = await givenRepositories(game, player, origin)
  if (!given) return { state: 'none', repositories: [], cluster, registry }
  return {
    cluster,
    registry,
    state: given.state,
    repositories: given.repositories.map(({ name, url, username, password, challenges }) => ({
      name,
      url,
      username,
      password,
      challenges: challenges.map((challenge) => challenge.id),
    })),
  }
}

export async function clusterWorkspace(
  game: Pick<Game, 'sql' | 'hunt' | 'board'>,
  player: PlayerRef,
): Promise<ClusterWorkspace | null> {
  const { cluster: clusters } = game.board
  if (!clusters || !wantsCluster(game)) return null
  const row = await workspaceRow(game.sql, player.playerId)
  if (!row) return null
  const { state } = row
  const open = isLive(state)
  // The map is shown even where board.yaml has lost the cluster.
  const way = open ? (clusters.all.get(row.cluster ?? '')?.reader('', row.slug).ingress ?? null) : null
  return {
    state,
    namespaces: ['', ...row.environments].map((environment) => {
      const name = namespaceName(row.slug, environment)
      return { name, environment, ready: open || row.done.includes(name) }
    }),
    before: state === 'waiting' ? await waitingBefore(game.sql, player.playerId) : null,
    hostSuffix: way?.suffix ?? null,
    ingress: way && {
      publicHttpPort: way.publicHttpPort,
      publicHttpsPort: way.publicHttpsPort,
      onServer: way.onServer,
    },
    readyAt: row.readyAt,
    expiresAt: row.expiresAt,
    nextTry: state === 'failed' ? row.nextAt : null,
    notice: noticeOf(row),
  }
}

function noticeOf({ notice }: WorkspaceRow): ClusterWorkspace['notice'] {
  if (!notice || Date.parse(notice.at) < Date.now() - noticeMs) return null
  return { ...notice, at: new Date(notice.at) }
}

/** A kubeconfig with new tokens, which end with the workspace at the latest. */
export async function playerKubeconfig(
  game: Pick<Game, 'server' | 'sql' | 'hunt' | 'board'>,
  player: PlayerRef,
): Promise<{ text: string; expiresAt: Date; namespace: string }> {
  const { clusters, row } = await openWorkspace(game, player)
  const namespaces = ['', ...row.environments].map((environment) => ({
    name: namespaceName(row.slug, environment),
    ...ownerIn(game),
  }))
  const made = await clusterOf(clusters, row).kubeconfig(namespaces, row.expiresAt ?? new Date())
  return { ...made, namespace: namespaceName(row.slug) }
}

/** What is used of the quota of each namespace. */
export async function quotasOf(
  game: Pick<Game, 'sql' | 'board'>,
  player: PlayerRef,
): Promise<{ namespace: string; quota: QuotaUse[] }[]> {
  const { clusters, row } = await openWorkspace(game, player)
  const cluster = clusterOf(clusters, row)
  return await Promise.all(
    ['', ...row.environments].map(async (environment) => {
      const namespace = namespaceName(row.slug, environment)
      return { namespace, quota: await cluster.quota(namespace) }
    }),
  )
}

async function openWorkspace(
  game: Pick<Game, 'sql' | 'board'>,
  player: PlayerRef,
): Promise<{ clusters: Clusters; row: WorkspaceRow }> {
  const { cluster: clusters } = game.board
  const row = clusters && (await workspaceRow(game.sql, player.playerId))
  if (!clusters || !row) throw noWorkspace()
  if (!isLive(row.state))
    throw new Refusal(409, 'workspace-not-ready', 'Your namespace is not ready yet.', { state: row.state })
  return { clusters, row }
}
