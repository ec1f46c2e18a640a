import type { Connection } from './connection.ts'
import { masterRules } from './roles.ts'

/** One right as RBAC knows it, everywhere in the cluster. */
export interface Right {
  verb: string
  group: string
  resource: string
}

const every = (group: string, resource: string, verbs: readonly string[]): Right[] =>
  verbs.map((verb) => ({ verb, group, resource }))

/** What the master needs in the whole cluster, and all that it needs. */
function neededRights(): Right[] {
  return masterRules(false)
    .filter(({ resourceNames }) => !resourceNames)
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.flatMap((resource) => every(group, resource, verbs))),
    )
}

/** What would let a thief of the master's credential reach beyond the hunt. */
const dangerousRights: readonly Right[] = [
  ...every('', 'secrets', ['list', 'create']),
  ...every('', 'nodes', ['delete', 'patch']),
  ...every('', 'pods/exec', ['create']),
  ...every('apps', 'deployments', ['create']),
  ...every('rbac.authorization.k8s.io', 'clusterroles', ['create', 'escalate', 'bind']),
  ...every('rbac.authorization.k8s.io', 'clusterrolebindings', ['create']),
  ...every('', 'users', ['impersonate']),
]

/** Rights that are missing, and rights that are too many. */
export async function reviewRights(connection: Connection): Promise<{ missing: Right[]; excess: Right[] }> {
  const ask = async (right: Right) => ({ right, allowed: await isAllowed(connection, right) })
  const needed = await inBatches(neededRights(), ask)
  const dangerous = await inBatches(dangerousRights, ask)
  return {
    missing: needed.filter(({ allowed }) => !allowed).map(({ right }) => right),
    excess: dangerous.filter(({ allowed }) => allowed).map(({ right }) => right),
  }
}

async function isAllowed(connection: Connection, { verb, group, resource }: Right): Promise<boolean> {
  const [name, subresource] = resource.split('/')
  const { status } = await connection.json<{ status: { allowed: boolean } }>(
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    {
      method: 'POST',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb, group, resource: name, subresource } },
      },
    },
  )
  return status.allowed
}

async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>, size = 8): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < items.length; at += size)
    results.push(...(await Promise.all(items.slice(at, at + size).map(work))))
  return results
}

export function describeRights(rights: readonly Right[]): string {
  const byResource = new Map<string, string[]>()
  for (const { verb, group, resource } of rights) {
    const name = group === '' ? resource : `${resource}.${group}`
    byResource.set(name, [...(byResource.get(name) ?? []), verb])
  }
  return [...byResource].map(([name, verbs]) => `${name} (${verbs.join(', ')})`).join('; ')
}
