import type { BoardFile, ClusterSettings } from '../../core/board-file.ts'
import type { Connection } from './connection.ts'
import type { Objects } from './objects.ts'

/** What a namespace is tried with. */
export interface ProbeTools {
  connection: Connection
  objects: Objects
  settings: ClusterSettings
  file: BoardFile
}
