import { join } from 'node:path'
import { createRepositoryArchive } from '../board/forge/archive.ts'
import { createEmbeddedForge } from '../board/forge/embedded.ts'
import type { Forge, RepositoryArchive } from '../board/forge/types.ts'
import type { Config } from '../config.ts'
import type { BoardFile } from '../core/board-file.ts'
import { loadForge } from '../game/hunt/load-board.ts'
import type { Log } from '../lib/log.ts'
import { faultOf } from '../lib/yaml-file.ts'

interface Provider {
  /** undefined: players get no repositories. */
  open(given: { config: Config; dataDir: string; log: Log }): Promise<Forge | undefined>
  /** What goes into a backup; null where no repository lies with this server. */
  archive(dataDir: string): RepositoryArchive | null
}

/** Every forge that board.yaml may name. */
const providers: Record<BoardFile['forge'], Provider> = {
  embedded: {
    open: ({ config, dataDir, log }) => {
      const limits = {
        quotaBytes: config.repositoryQuotaMb * 2 ** 20,
        pushBytes: config.pushSizeMb * 2 ** 20,
      }
      return createEmbeddedForge({ root: rootIn(dataDir), limits, log })
    },
    archive: (dataDir) => createRepositoryArchive(rootIn(dataDir)),
  },
  none: {
    open: () => Promise.resolve(undefined),
    archive: () => null,
  },
}

/** What a hunt has that names no board. */
const usual: BoardFile['forge'] = 'embedded'

const rootIn = (dataDir: string) => join(dataDir, 'repositories')

export async function openForge(
  board: BoardFile | undefined,
  given: Parameters<Provider['open']>[0],
): Promise<Forge | undefined> {
  return await providers[board?.forge ?? usual].open(given)
}

/** For backup and restore: of board.yaml no more is read than which forge it names. */
export async function openArchive(
  { boardFile }: Pick<Config, 'boardFile'>,
  dataDir: string,
): Promise<RepositoryArchive | null> {
  if (boardFile === undefined) return providers[usual].archive(dataDir)
  const { forge, faults } = await loadForge(boardFile)
  if (forge === null) throw faultOf(faults, 'The board cannot be loaded')
  return providers[forge].archive(dataDir)
}
