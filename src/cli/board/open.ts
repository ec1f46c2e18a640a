import { join } from 'node:path'
import type { Cluster } from '../../board/cluster/types.ts'
import type { Config } from '../../config.ts'
import type { BoardFile, ClusterSettings } from '../../core/board-file.ts'
import { huntFile } from '../../core/hunt.ts'
import { loadBoard, type LoadedBoard } from '../../game/hunt/load-board.ts'
import { readYaml, type FileFault } from '../../lib/yaml-file.ts'
import { Fault, reasonOf } from '../../lib/errors.ts'
import type { BoardCluster } from '../../game/clusters.ts'

/** Opens one cluster; throws where its settings cannot be used. */
export type OpenCluster = (options: {
  settings: ClusterSettings
  file: BoardFile
  resolvePath: (path: string) => string
}) => Promise<Cluster>

export interface Board extends LoadedBoard {
  /** Of board.yaml. */
  path: string
  /** Id of the hunt, by which its namespaces are known. */
  hunt: string
}

/** The settings of a board with clusters. */
export async function readBoard(config: Config): Promise<Board> {
  const board = await readAnyBoard(config)
  if (board.file.clusters.length === 0)
    throw new Fault(`${board.path} names no cluster, and this verb is for clusters: name one there.`)
  return board
}

/** The settings of a board with clusters, a registry, or both. */
export async function readAnyBoard(config: Config): Promise<Board> {
  const board = await readBoardFile(config)
  if (board.file.clusters.length > 0 || board.file.registry) return board
  throw new Fault(`${board.path} names neither a cluster nor a registry.`)
}

/** The board's settings. Of the hunt only `hunt.yaml` is read: a mistake in a stage must not keep a board from being emptied. */
export async function readBoardFile({ boardFile, challengesDir }: Config): Promise<Board> {
  if (boardFile === undefined) throw new Fault('This hunt has no board: name its board.yaml by BOARD_FILE.')
  const faults: FileFault[] = []
  const hunt = await readYaml(join(challengesDir, 'hunt.yaml'), huntFile, faults)
  if (!hunt) throw asFault(faults)
  const { board, faults: more } = await loadBoard(boardFile, hunt.value)
  if (!board) throw asFault(more)
  return { ...board, path: boardFile, hunt: hunt.value.id }
}

/** One that cannot be opened does not keep the others from being looked at. */
export async function openEach(
  { file, resolvePath }: LoadedBoard,
  open: OpenCluster,
): Promise<BoardCluster[]> {
  return await Promise.all(
    file.clusters.map(async (settings): Promise<BoardCluster> => {
      const { name } = settings
      try {
        return { name, cluster: await open({ settings, file, resolvePath }), fault: null }
      } catch (error) {
        return { name, cluster: null, fault: reasonOf(error) }
      }
    }),
  )
}

function asFault(faults: readonly FileFault[]): Fault {
  return new Fault(faults.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('\n'))
}
