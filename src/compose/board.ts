import { join } from 'node:path'
import { openCluster } from '../board/cluster/cluster.ts'
import type { Cluster } from '../board/cluster/types.ts'
import { openRegistry } from '../board/registry/registry.ts'
import type { Registry } from '../board/registry/types.ts'
import type { Config } from '../config.ts'
import type { BoardFile } from '../core/board-file.ts'
import type { Hunt } from '../core/hunt.ts'
import { createMemoryDispatch } from '../dispatch/memory.ts'
import type { Game } from '../game/game.ts'
import { loadBoard, type LoadedBoard } from '../game/hunt/load-board.ts'
import type { Clusters } from '../game/types.ts'
import type { Log } from '../lib/log.ts'
import { faultOf } from '../lib/yaml-file.ts'
import { openForge } from './forge.ts'
import type { Storage } from './storage.ts'

/** Workspaces made, probed and deleted at the same time. */
const workspacesAtOnce = 4

/** The parts of the board, and how to let go of them. */
export interface OpenBoard {
  parts: Game['board']
  budgets: BoardFile['budgets']
  close(): Promise<void>
}

export async function openBoard(
  config: Config,
  hunt: Hunt,
  storage: Pick<Storage, 'dataDir' | 'secret'>,
  log: Log,
): Promise<OpenBoard> {
  const board = await readBoard(config, hunt)
  const registry = board && openBoardRegistry(board, storage)
  const cluster = board && (await openClusters(board, registry, log))
  const forge = await openForge(board?.file, { config, dataDir: storage.dataDir, log })
  return {
    parts: { ...(forge && { forge }), ...(registry && { registry }), ...(cluster && { cluster }) },
    budgets: board?.file.budgets ?? {},
    async close() {
      await cluster?.jobs.close()
      for (const one of cluster?.all.values() ?? []) one.close()
      registry?.close()
      await forge?.close()
    },
  }
}

/** `board.yaml`; undefined where the settings name none. */
async function readBoard(config: Config, hunt: Hunt): Promise<LoadedBoard | undefined> {
  if (config.boardFile === undefined) return undefined
  const { board, faults } = await loadBoard(config.boardFile, hunt)
  if (!board) throw faultOf(faults, 'The board cannot be loaded')
  return board
}

/** The registry that the board names, be it reachable or not; its keys lie beside the other secrets. */
export function openBoardRegistry(
  { file, resolvePath }: LoadedBoard,
  { dataDir, secret }: Pick<Storage, 'dataDir' | 'secret'>,
): Registry | undefined {
  if (!file.registry) return undefined
  return openRegistry({ settings: file.registry, resolvePath, secrets: join(dataDir, 'secrets'), secret })
}

/** The clusters that the board names, unreachable ones too; undefined where it names none. */
async function openClusters(
  { file, resolvePath }: LoadedBoard,
  registry: Registry | undefined,
  log: Log,
): Promise<Clusters | undefined> {
  if (file.clusters.length === 0) return undefined
  const all = new Map<string, Cluster>()
  const pullPassword = registry && ((slug: string) => registry.tokens.robotPassword(slug))
  for (const settings of file.clusters)
    all.set(settings.name, await openCluster({ settings, file, resolvePath, pullPassword, log }))
  const jobs = createMemoryDispatch({ name: 'workspaces', concurrency: workspacesAtOnce, log })
  return { all, file, jobs, ailing: new Map() }
}
