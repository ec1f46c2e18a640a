import type { Registry } from '../../board/registry/types.ts'
import type { Database } from '../../db/client.ts'
import { hearProbes } from '../../db/registry-probe.ts'
import { atMost } from '../../lib/deadline.ts'
import { randomToken, sha256 } from '../../lib/secrets.ts'

/** Where only the server may push, and no image lies. */
export const probed = 'hunt/board-check'

/**
 * Whether a server on this database hears from the registry of a push within that time. A few bytes are pushed for it and deleted
 * again. Throws `Inconclusive` where the registry takes no push.
 */
export async function notificationsArrive(
  sql: Database,
  registry: Pick<Registry, 'withBlob'>,
  milliseconds: number,
): Promise<boolean> {
  const content = randomToken('board check ')
  const digest = `sha256:${sha256(content).toString('hex')}`
  let arrived = () => {}
  const arrival = new Promise<true>((resolve) => (arrived = () => resolve(true)))
  const stop = await hearProbes(sql, (told) => {
    if (told === digest) arrived()
  })
  try {
    return await registry.withBlob(
      probed,
      Buffer.from(content),
      async () => (await atMost(milliseconds, arrival)) ?? false,
    )
  } finally {
    await stop()
  }
}
