import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { z } from 'zod'
import { openCluster } from '../../src/board/cluster/cluster.ts'
import type { Cluster } from '../../src/board/cluster/types.ts'
import { boardFile, type BoardFile } from '../../src/core/board-file.ts'
import { budget } from '../../src/core/budget.ts'
import type { Database } from '../../src/db/client.ts'
import {
  changeWorkspace,
  workspaceRow,
  type WorkspaceChange,
  type WorkspaceRow,
} from '../../src/db/workspaces.ts'
import { ownerIn } from '../../src/game/clusters.ts'
import type { Registered } from '../../src/game/people/register.ts'
import { silentLog } from '../../src/lib/log.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { openBoard, withLock } from './board.ts'
import { startGame, type TestGame } from './game.ts'
import { until } from './until.ts'

const one = { cpu: '500m', memory: '256Mi', ephemeralStorage: '256Mi' }
const small = { cpu: '50m', memory: '32Mi', ephemeralStorage: '32Mi' }

/** What a namespace of the tests may use. */
export const testBudget = budget.parse({
  cpu: '2',
  memory: '1Gi',
  ephemeralStorage: '2Gi',
  pods: 10,
  services: 10,
  persistentVolumeClaims: 2,
  storage: '1Gi',
  secrets: 40,
  configMaps: 20,
  jobs: 5,
  deployments: 10,
  ingresses: 5,
  container: { default: small, request: small, max: one },
})

type ClusterInput = NonNullable<z.input<typeof boardFile>['clusters']>[number]

/** board.yaml for a cluster; `more` are further settings of it. */
export function boardFor(kubeconfig: string, more: Partial<ClusterInput> = {}): BoardFile {
  const ingress = { domain: 'play.test', className: 'hunt', address: '127.0.0.1' }
  return boardFile.parse({
    clusters: [{ name: 'main', kubeconfig, ingress, ...more }],
    budgets: { default: testBudget },
    images: ['board.local/'],
  })
}

/** A cluster of the test board with roles and policies in place. */
export async function installedCluster(file: BoardFile): Promise<Cluster> {
  const [settings] = file.clusters
  if (!settings) throw new Error('no cluster')
  const cluster = await openCluster({ settings, file, resolvePath: (path) => path, log: silentLog })
  // All files share one control plane; two that install at once would see half of it.
  await withLock(`${settings.kubeconfig}.lock`, async () => {
    const open = (await cluster.plan()).some(({ change }) => change !== 'same')
    if (open) await cluster.install()
  })
  return cluster
}

/** A name nobody else has: all tests share one control plane, and namespaces are named after players. */
export function uniqueName(): string {
  return `p${randomBytes(5).toString('hex')}`
}

export interface ClusterGame extends TestGame {
  cluster: Cluster
  /** A new player whose workspace is ready. */
  registerReady(): Promise<Registered>
  /** Waits until a player's workspace is as wanted; fails with what it is instead. */
  untilWorkspace(
    playerId: string,
    wanted: (row: WorkspaceRow) => boolean,
    seconds?: number,
  ): Promise<WorkspaceRow>
}

/** Changes a workspace, and has it looked at now: whoever waits does so for minutes or days. */
export async function turnWorkspace(
  sql: Database,
  playerId: string,
  change: WorkspaceChange = {},
): Promise<void> {
  for (;;) {
    const row = await workspaceRow(sql, playerId)
    if (!row) throw new Error('there is no such workspace')
    if ((await changeWorkspace(sql, row, { nextAt: new Date(), ...change })) !== null) return
  }
}

/** The whole server with the test board's control plane as its cluster. `close` removes the players' namespaces. */
export async function startClusterGame(
  options: { challenges?: string; board?: BoardFile; settings?: Record<string, string> } = {},
): Promise<ClusterGame> {
  const file = options.board ?? boardFor((await openBoard()).kubeconfig)
  const cluster = await installedCluster(file)
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-board-file-'))
  const boardPath = join(folder, 'board.yaml')
  // Players are served with the rights that a real master has, not with an administrator's.
  const kubeconfig = join(folder, 'master.kubeconfig')
  await writeFile(kubeconfig, (await cluster.masterKubeconfig()).text, { mode: 0o600 })
  const clusters = file.clusters.map((settings, index) =>
    index === 0 ? { ...settings, kubeconfig } : settings,
  )
  await writeFile(boardPath, stringify({ ...file, clusters }))
  const game = await startGame({
    challenges: options.challenges ?? join(packageRoot(), 'test', 'fixtures', 'hunt-cluster'),
    settings: { BOARD_FILE: boardPath, ...options.settings },
  })
  const slugs = new Set<string>()
  const register: ClusterGame['register'] = async (name, language) => {
    const registered = await game.register(name, language)
    slugs.add(registered.slug)
    return registered
  }
  const untilWorkspace: ClusterGame['untilWorkspace'] = (playerId, wanted, seconds = 30) =>
    until('the workspace', seconds, () => workspaceRow(game.game.sql, playerId), wanted)
  return {
    ...game,
    cluster,
    register,
    async registerReady() {
      const player = await register(uniqueName())
      await untilWorkspace(player.playerId, ({ state }) => state === 'ready')
      return player
    },
    untilWorkspace,
    async close() {
      await game.close()
      for (const slug of slugs) await cluster.remove(`hunt-${slug}`, ownerIn(game.game))
      cluster.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
