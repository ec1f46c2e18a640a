import type { Sql } from '../../db/client.ts'
import { leftoversOf, ownerOf, type Ours } from './found-namespaces.ts'
import { removeNamespaces, sumUp, unseenOf, type Picked, type Receipt } from './board-removal.ts'
import type { BoardCluster } from '../clusters.ts'

export interface SweepOptions {
  sql: Sql
  ours: Ours
  clusters: readonly BoardCluster[]
  /** How long namespaces may take to be gone. */
  seconds: number
  /** Also what another server that runs the same hunt made. */
  foreign?: boolean
}

/** Removes on every cluster the namespaces of this server that no workspace knows. May run beside the server. */
export async function sweepBoard(options: SweepOptions): Promise<Receipt> {
  const { sql, ours, clusters, seconds } = options
  const sweepOne = async ({ name, cluster, fault }: BoardCluster): Promise<Receipt> => {
    if (!cluster) return unseenOf(name, fault)
    const pick = async (): Promise<Picked> => {
      const { leftovers, foreign } = await leftoversOf(sql, ours, cluster)
      const chosen = options.foreign === true ? [...leftovers, ...foreign] : leftovers
      return {
        remove: chosen.map((one) => ({ name: one.name, owner: ownerOf(one, ours) })),
        kept: options.foreign === true ? [] : foreign.map((one) => one.name),
      }
    }
    return await removeNamespaces(cluster, pick, seconds)
  }
  return sumUp(await Promise.all(clusters.map(sweepOne)))
}
