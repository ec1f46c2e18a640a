import { join } from 'node:path'
import { createEmbeddedForge } from '../board/forge/embedded.ts'
import type { Forge } from '../board/forge/types.ts'
import type { Config } from '../config.ts'
import type { BoardFile } from '../core/board-file.ts'
import type { Log } from '../lib/log.ts'

interface Provider {
  /** undefined: players get no repositories. */
  open(given: { config: Config; dataDir: string; log: Log }): Promise<Forge | undefined>
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
  },
  none: {
    open: () => Promise.resolve(undefined),
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
