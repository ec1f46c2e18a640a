import type { RegistryFinding } from '../../board/registry/types.ts'
import { reasonOf } from '../../game/board-clusters.ts'
import type { LoadedBoard } from '../../game/load-board.ts'
import { realmAt } from '../registry/config.ts'
import type { OpenRegistry, WithStorage } from '../registry/open.ts'

/** What `board check` tells of the registry that board.yaml names; null where it names none. */
export async function checkRegistry(
  board: LoadedBoard,
  {
    withStorage,
    open,
    baseUrl,
  }: { withStorage: WithStorage; open: OpenRegistry; baseUrl: string | undefined },
): Promise<{ name: string; findings: RegistryFinding[] } | null> {
  const name = board.file.registry?.host
  if (name === undefined) return null
  const realm = baseUrl === undefined ? undefined : realmAt(baseUrl)
  try {
    const findings = await withStorage(async (storage) => {
      const registry = await open(board, storage)
      try {
        return (await registry?.check(realm)) ?? []
      } finally {
        registry?.close()
      }
    })
    return { name, findings }
  } catch (error) {
    return { name, findings: [{ part: 'settings', level: 'fault', message: reasonOf(error) }] }
  }
}
