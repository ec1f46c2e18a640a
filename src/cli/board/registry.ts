import type { Registry, RegistryFinding } from '../../board/registry/types.ts'
import { isServed } from '../../db/use.ts'
import type { LoadedBoard } from '../../game/hunt/load-board.ts'
import { notificationsArrive } from '../../game/registry/probe.ts'
import { Inconclusive, reasonOf } from '../../lib/errors.ts'
import { hookAt, realmAt } from '../registry/config.ts'
import type { OpenRegistry, Stored, WithStorage } from '../registry/open.ts'

/** It waits a second after a failure, and two for an answer. */
const patienceMs = 8_000

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
        if (!registry) return []
        const found = await registry.check(realm)
        // What it takes to push and to clear away again was looked at last.
        const ready = found.some(({ part, level }) => part === 'deletes' && level === 'ok')
        return ready ? [...found, await notificationsOf(registry, storage, baseUrl)] : found
      } finally {
        registry?.close()
      }
    })
    return { name, findings }
  } catch (error) {
    return { name, findings: [{ part: 'settings', level: 'fault', message: reasonOf(error) }] }
  }
}

async function notificationsOf(
  registry: Registry,
  { sql }: Stored,
  baseUrl: string | undefined,
): Promise<RegistryFinding> {
  const part = 'notifications'
  if (!(await isServed(sql)))
    return { part, level: 'warning', message: 'cannot tell: no server runs. Start it, then check again' }
  try {
    if (await notificationsArrive(sql, registry, patienceMs))
      return { part, level: 'ok', message: 'arrive, so that stages look at once at what is pushed' }
  } catch (error) {
    if (!(error instanceof Inconclusive)) throw error
    return { part, level: 'fault', message: `cannot be tried, as a push fails: ${error.message}` }
  }
  const where =
    baseUrl === undefined
      ? 'at the address that --hook or --realm of "registry config" named'
      : `at ${hookAt(baseUrl)}, or where --hook of "registry config" said`
  return {
    part,
    level: 'fault',
    message: `none came of a push within ${patienceMs / 1000} seconds, so that verdicts come up to five minutes late; the registry’s log says why. It must reach this server ${where}, and tell the key in its configuration: run "bin/shambhala registry config" again, with --hook where it reaches the server by another address, put the files in place and restart the registry; restart the server if board.yaml named the registry only after its start`,
  }
}
