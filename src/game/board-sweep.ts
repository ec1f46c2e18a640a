import type { Sql } from '../db/client.ts'
import { leftoversOf, type BoardCluster } from './board-clusters.ts'
import { removeNamespaces, sumUp, type Receipt } from './board-removal.ts'

export interface SweepOptions {
  sql: Sql
  hunt: string
  clusters: readonly BoardCluster[]
  /** How long namespaces may take to be gone. */
  seconds: number
}

/** Removes on every cluster the namespaces of this hunt that no workspace knows. May run beside the server. */
export async function sweepBoard({ sql, hunt, clusters, seconds }: SweepOptions): Promise<Receipt> {
  const sweepOne = async ({ name, cluster, fault }: BoardCluster): Promise<Receipt> => {
    if (!cluster) return { deleted: [], left: [], unseen: [{ cluster: name, reason: fault }] }
    const pick = async () => (await leftoversOf(sql, hunt, cluster)).map((one) => one.name)
    return await removeNamespaces(cluster, pick, seconds)
  }
  return sumUp(await Promise.all(clusters.map(sweepOne)))
}
