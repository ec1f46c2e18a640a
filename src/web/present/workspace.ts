import { readQuantity } from '../../core/quantity.ts'
import { isLive } from '../../core/workspace.ts'
import { workspaceRow } from '../../db/workspaces.ts'
import type { Language } from '../../core/text.ts'
import type { Game } from '../../game/game.ts'
import { givenRepositories } from '../../game/handing-out/repositories.ts'
import { clusterWorkspace, quotasOf, type ClusterWorkspace } from '../../game/workspaces/workspace.ts'
import { withDeadline } from '../../lib/deadline.ts'
import { Inconclusive } from '../../lib/errors.ts'
import type {
  CallModel,
  ClusterModel,
  QuotaRow,
  StepModel,
  WorkspaceModel,
  WorkspacePage,
} from '../models/workspace.ts'
import { registryModel } from './registry.ts'
import { stageRef } from './stage.ts'
import type { PlayerRef } from '../../core/player.ts'

/** What the player was given so far. Asks no cluster and no registry. */
export async function workspaceModel(
  game: Game,
  player: PlayerRef,
  language: Language,
  origin: string,
): Promise<WorkspaceModel> {
  const given = await givenRepositories(game, player, origin)
  const state = given?.state ?? 'ready'
  const repositories = given?.repositories ?? []
  return {
    forge: given !== null,
    state,
    username: given?.login.username ?? '',
    remember: rememberLine(origin),
    repositories: repositories.map(({ name, url, challenges }) => ({
      name,
      url,
      stages: challenges.map((challenge) => stageRef(challenge, language)),
    })),
    cluster: await clusterModel(game, player, {
      origin,
      repositories: repositories.length > 0 ? state : null,
    }),
    registry: await registryModel(game, player),
  }
}

/** For this host alone, beside whatever helper the machine has: the plain setting would take that one's place. */
function rememberLine(origin: string): string {
  return `git config --global "credential.${origin}.helper" "cache --timeout=28800"`
}

async function clusterModel(
  game: Pick<Game, 'sql' | 'hunt' | 'board'>,
  player: PlayerRef,
  view: { origin: string; repositories: WorkspaceModel['state'] | null },
): Promise<ClusterModel | null> {
  const seen = await clusterWorkspace(game, player)
  const row = seen && (await workspaceRow(game.sql, player.playerId))
  if (!seen || !row) return null
  const [main, ...environments] = seen.namespaces
  const isMade = !['gone', 'deleting'].includes(seen.state) && row.step !== 'deleting'
  return {
    state: seen.state,
    open: isLive(seen.state),
    namespace: main?.name ?? '',
    environments,
    steps: isMade ? stepsOf(seen, view.repositories) : [],
    before: seen.before ?? 0,
    hostSuffix: seen.hostSuffix,
    call: callOf(seen, view.origin),
    expiresAt: seen.expiresAt,
    nextTry: seen.nextTry,
    notice: seen.notice,
    again: row.again,
    curl: curlOf(view.origin),
  }
}

function stepsOf({ state, namespaces }: ClusterWorkspace, repositories: WorkspaceModel['state'] | null) {
  const open = isLive(state)
  const undone = namespaces.find((one) => !one.ready)
  const moving = state === 'failed' ? 'held' : 'now'
  const steps: StepModel[] = []
  if (repositories)
    steps.push({ what: 'repositories', name: '', state: repositories === 'ready' ? 'done' : 'now' })
  const begun = state === 'creating' || state === 'failed'
  for (const one of namespaces) {
    const current = begun && one === undone ? moving : 'later'
    steps.push({ what: 'namespace', name: one.name, state: one.ready ? 'done' : current })
  }
  const probing = state === 'probing' || (state === 'failed' && !undone)
  steps.push({ what: 'probe', name: '', state: open ? 'done' : probing ? moving : 'later' })
  return steps
}

/** Names below `localhost` lead to the reader's own machine, by rule (RFC 6761); others lead where the organizers' records say. */
export function callOf(
  { hostSuffix, ingress }: Pick<ClusterWorkspace, 'hostSuffix' | 'ingress'>,
  origin: string,
): CallModel | null {
  if (hostSuffix === null || ingress === null) return null
  const port = ingress.publicHttpPort
  const { href } = new URL(`http://${hostSuffix}:${port}/`)
  const { hostname } = new URL(origin)
  const here = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  const own = hostSuffix.endsWith('.localhost')
  if (!ingress.onServer || (here && own))
    return { address: href, curl: `curl -i ${href}`, names: 'there', at: '' }
  return {
    address: href,
    curl: `curl -i --connect-to "::${hostname}:${port}" ${href}`,
    names: own ? 'own' : 'file',
    at: hostname.replace(/^\[|\]$/g, ''),
  }
}

/** Lines for a shell in which TOKEN holds one of the player's tokens. */
function curlOf(origin: string): string {
  const address = `${origin}/api/v1/workspace/kubeconfig`
  return [
    `curl -fsS -H "Authorization: Bearer $TOKEN" ${address} > hunt.kubeconfig`,
    'export KUBECONFIG="$PWD/hunt.kubeconfig"',
    'kubectl get pods',
  ].join('\n')
}

/** How long the page waits for a cluster that is slow, in milliseconds. */
const patienceMs = 2000

// What players meet; the rest follows from these, or is nothing that they may have.
const shown: Readonly<Record<string, string>> = {
  'limits.cpu': 'cpu',
  'limits.memory': 'memory',
  'limits.ephemeral-storage': 'disk',
  pods: 'pods',
  'requests.storage': 'storage',
  persistentvolumeclaims: 'claims',
  services: 'services',
  'count/deployments.apps': 'deployments',
  'count/ingresses.networking.k8s.io': 'ingresses',
  'count/jobs.batch': 'jobs',
  secrets: 'secrets',
  configmaps: 'configmaps',
}

/** null where the cluster does not answer, or not in time. */
export async function quotaModel(
  game: Pick<Game, 'sql' | 'board'>,
  player: PlayerRef,
): Promise<WorkspacePage['quota']> {
  try {
    const quotas = await withDeadline(patienceMs, null, () => quotasOf(game, player))
    return quotas.map(({ namespace, quota }) => ({ namespace, rows: rowsOf(quota) }))
  } catch (error) {
    if (error instanceof Inconclusive) return null
    throw error
  }
}

function rowsOf(quota: readonly { resource: string; used: string; hard: string }[]): QuotaRow[] {
  return Object.entries(shown).flatMap(([resource, name]) => {
    const one = quota.find((use) => use.resource === resource)
    return one ? rowOf(name, one) : []
  })
}

function rowOf(name: string, { used, hard }: { used: string; hard: string }): QuotaRow[] {
  const [value, max] = [readQuantity(used), readQuantity(hard)]
  return value === null || max === null || max <= 0 ? [] : [{ name, used, hard, value, max, high: max * 0.8 }]
}
