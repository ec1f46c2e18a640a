import type { BoardFile, ClusterSettings } from '../../core/board-file.ts'
import type { Connection } from './connection.ts'
import { isAbsent } from './failure.ts'

/** What a namespace's objects depend on beyond the player. */
export interface NamespaceSurroundings {
  settings: ClusterSettings
  board: { services: readonly string[]; images: readonly string[] }
  /** Who the master is to the API server, such as `system:serviceaccount:shambhala:master`. */
  masterUser: string
  /** Host (and port) of the hunt's registry, with a path where it has one. */
  registry?: string
  /** The password of a player's pull Secret. */
  pullPassword?: (slug: string) => string
  /** Where pods meet the API server: endpoint addresses and ports of Service `default/kubernetes`. */
  apiServer?: { addresses: readonly string[]; ports: readonly number[] }
  /** Version of the Pod Security Standards. */
  podSecurity?: string
}

const forgetMs = 600_000

interface Endpoints {
  subsets?: { addresses?: { ip: string }[]; ports?: { port: number }[] }[]
}

/** Asks the cluster what manifests depend on: who we are to it, where pods meet its API server, its version. Kept for a while. */
export function createSurroundings(
  connection: Connection,
  {
    settings,
    file,
    pullPassword,
  }: {
    settings: ClusterSettings
    file: BoardFile
    pullPassword?: ((slug: string) => string) | undefined
  },
): () => Promise<NamespaceSurroundings> {
  let known: { at: number; value: Promise<NamespaceSurroundings> } | undefined
  const ask = async (): Promise<NamespaceSurroundings> => {
    const [masterUser, version, apiServer] = await Promise.all([
      whoAmI(connection),
      connection.json<{ major: string; minor: string }>('/version'),
      apiServerOf(connection),
    ])
    return {
      settings,
      masterUser,
      apiServer,
      board: { services: file.services, images: file.images },
      ...(file.registry && { registry: file.registry.host }),
      ...(pullPassword && { pullPassword }),
      podSecurity: `v${version.major}.${Number.parseInt(version.minor, 10)}`,
    }
  }
  return () => {
    if (!known || Date.now() - known.at > forgetMs) {
      const value = ask()
      known = { at: Date.now(), value }
      value.catch(() => (known = undefined))
    }
    return known.value
  }
}

export async function whoAmI(connection: Connection): Promise<string> {
  const { status } = await connection.json<{ status: { userInfo: { username: string } } }>(
    '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    { method: 'POST', body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' } },
  )
  return status.userInfo.username
}

async function apiServerOf(connection: Connection): Promise<{ addresses: string[]; ports: number[] }> {
  const { subsets = [] } = await connection
    .json<Endpoints>('/api/v1/namespaces/default/endpoints/kubernetes')
    .catch((error: unknown): Endpoints => {
      // A control plane without nodes need not have them.
      if (isAbsent(error)) return {}
      throw error
    })
  return {
    addresses: subsets.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip)),
    ports: subsets.flatMap(({ ports = [] }) => ports.map(({ port }) => port)),
  }
}
