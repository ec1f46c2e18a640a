import type { Cluster, FoundNamespace } from '../../board/cluster/types.ts'
import { isOwnedBy, isProofId, serverIdOf, type Owner } from '../../core/owner.ts'
import { namespaceName } from '../../core/workspace.ts'
import type { Sql } from '../../db/client.ts'
import { keepServerId } from '../../db/hunt.ts'
import { allWorkspaces, type WorkspaceRow } from '../../db/workspaces.ts'

/** This hunt on this server. */
export interface Ours extends Owner {
  /** What its proofs carry in place of `server`: they know its secret and not its database. */
  proofs: string
}

/** The namespaces of one cluster that have to do with this hunt. */
export interface Sorted {
  own: FoundNamespace[]
  /** Of proofs of this server: those that were killed, and one that runs. */
  proofs: FoundNamespace[]
  /** Of another server that runs the same hunt. */
  foreign: FoundNamespace[]
}

export function namespacesOf(row: Pick<WorkspaceRow, 'slug' | 'environments'>): string[] {
  return ['', ...row.environments].map((environment) => namespaceName(row.slug, environment))
}

/** The server keeps its name even when its secret is changed. */
export async function oursOf(sql: Sql, hunt: string, secret: string): Promise<Ours> {
  const proofs = serverIdOf(secret)
  return { hunt, server: await keepServerId(sql, proofs), proofs }
}

/** Throws where the cluster cannot be looked at. */
export async function sortNamespaces(cluster: Cluster, ours: Ours): Promise<Sorted> {
  const [ofHunt, ofServer] = await Promise.all([
    cluster.namespaces({ hunt: ours.hunt }),
    cluster.namespaces({ server: ours.proofs }),
  ])
  return {
    own: ofHunt.filter((one) => isOwnedBy(ours, one)),
    proofs: ofServer.filter(({ hunt }) => isProofId(hunt)),
    foreign: ofHunt.filter((one) => !isOwnedBy(ours, one)),
  }
}

/** Leftovers are namespaces of this server that no workspace knows. Throws where the cluster cannot be looked at. */
export async function leftoversOf(
  sql: Sql,
  ours: Ours,
  cluster: Cluster,
): Promise<{ leftovers: FoundNamespace[]; foreign: FoundNamespace[] }> {
  // Namespaces first: a row is written before its namespace is made, so what is new is known below.
  const { own, proofs, foreign } = await sortNamespaces(cluster, ours)
  const rows = await allWorkspaces(sql)
  const known = new Set(rows.filter((row) => claims(row, cluster.name)).flatMap(namespacesOf))
  return { leftovers: [...own.filter(({ name }) => !known.has(name)), ...proofs], foreign }
}

/** One without a place yet may be given its old one at any moment. */
function claims({ state, cluster }: WorkspaceRow, name: string): boolean {
  return state !== 'gone' && (cluster === null || cluster === name)
}

/** Whose a namespace is that was found: asked again when it is removed. */
export function ownerOf({ hunt, server }: FoundNamespace, ours: Ours): Owner {
  return { hunt, server: server ?? ours.server }
}
