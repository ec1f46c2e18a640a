import type { Registry } from '../../board/registry/types.ts'
import type { Database } from '../../db/client.ts'
import { findGarbage } from '../../game/registry/collect.ts'
import type { BoardCluster } from '../../game/clusters.ts'
import { timeoutSignal } from '../../lib/deadline.ts'

interface Opened {
  sql: Database
  registry: Registry
  clusters: readonly BoardCluster[]
}

const mostMs = 3_600_000
const reasons = { untagged: 'no tag, no pod', nobody: 'of nobody' } as const

/** `registry collect`: the manifests go at once; the registry's own garbage collection then frees the disk. */
export async function collect(
  opened: Opened,
  { dryRun = false, foreign = false }: { dryRun?: boolean; foreign?: boolean },
  say: (line: string) => void,
): Promise<boolean> {
  const { registry } = opened
  const garbage = await findGarbage({ ...opened, foreign, signal: timeoutSignal(mostMs) })
  let deleted = 0
  for (const { slug, repository, digest, why } of garbage) {
    say(`${dryRun ? 'would delete' : 'delete'}  ${slug}/${repository}@${digest}  (${reasons[why]})`)
    if (!dryRun && (await registry.remove(slug, repository, digest))) deleted += 1
  }
  say(dryRun ? `${garbage.length} would be deleted` : `deleted ${deleted}`)
  if (deleted > 0)
    say('The disk is freed by the registry itself: stop it and run "registry garbage-collect".')
  return true
}
