import type { Registry } from '../../board/registry/types.ts'
import type { Database } from '../../db/client.ts'
import type { LoadedBoard } from '../../game/hunt/load-board.ts'

/** What opening a registry takes beside the board: its keys lie in the data folder, its passwords come from the secret. */
export interface Stored {
  sql: Database
  dataDir: string
  secret: string
}
export type WithStorage = <T>(work: (storage: Stored) => Promise<T>) => Promise<T>
/** undefined where board.yaml names none. */
export type OpenRegistry = (board: LoadedBoard, storage: Stored) => Promise<Registry | undefined>
