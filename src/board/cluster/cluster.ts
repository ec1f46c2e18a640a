import type { BoardFile, ClusterSettings } from '../../core/board-file.ts'
import type { Log } from '../../lib/log.ts'
import { connectTo, type Connection } from './connection.ts'
import { inspectCluster } from './inspect.ts'
import { writeKubeconfig } from './kubeconfig.ts'
import { marks, playerAccount } from './marks.ts'
import { manifestsFor } from './manifests.ts'
import { ensureNamespace, holdsNamespace, labelledOwner, mustBeOwn, requestToken } from './namespaces.ts'
import { objectsOf, type Objects } from './objects.ts'
import { masterAccount, planInstall, wantedObjects } from './plan.ts'
import { probeNamespace } from './probe.ts'
import { createReader } from './reader.ts'
import { removeNamespace } from './removal.ts'
import { createSurroundings } from './surroundings.ts'
import type { Cluster, FoundNamespace, IngressWay, NamespaceSpec, QuotaUse } from './types.ts'
import { watchNamespaces } from './watch.ts'

export interface ClusterOptions {
  settings: ClusterSettings
  file: BoardFile
  /** Makes paths of the settings absolute. */
  resolvePath: (path: string) => string
  /** The password of a player's pull Secret; needed where the board has a registry. */
  pullPassword?: ((slug: string) => string) | undefined
  log: Log
}

const masterTokenDays = 365
const playerOf = (namespace: string) => ({ namespace, account: playerAccount })
const namespaceKind = { apiVersion: 'v1', kind: 'Namespace' }

/** A cluster by its API server. Nothing is asked of it before the first call. */
export async function openCluster({
  settings,
  file,
  resolvePath,
  pullPassword,
  log,
}: ClusterOptions): Promise<Cluster> {
  const connection = await connectTo(settings, resolvePath)
  const objects = objectsOf(connection)
  const surroundings = createSurroundings(connection, { settings, file, pullPassword })
  const manifests = async (spec: NamespaceSpec) => manifestsFor(spec, await surroundings())
  return {
    name: settings.name,
    capacity: settings.capacity,
    async ping(signal) {
      await connection.text('/api', { signal })
    },
    ensure: async (spec) => ensureNamespace(objects, spec, await manifests(spec)),
    holds: (namespace, owner) => holdsNamespace(objects, namespace, owner),
    remove: (namespace, owner) =>
      removeNamespace(objects, namespace, owner, {
        patienceMs: settings.finalizerMinutes * 60_000,
        gatewayApi: settings.ingress?.gateway !== undefined,
      }),
    credentials: (namespace, expiresAt) => requestToken(connection, playerOf(namespace), expiresAt),
    async revoke(spec) {
      await mustBeOwn(objects, spec.name, spec)
      // A token holds its account's uid: another account of the same name does not know it.
      await objects.remove({ apiVersion: 'v1', kind: 'ServiceAccount' }, playerAccount, spec.name)
      await ensureNamespace(objects, spec, await manifests(spec))
    },
    async kubeconfig(namespaces, expiresAt) {
      for (const { name, ...owner } of namespaces) await mustBeOwn(objects, name, owner)
      return await kubeconfigFor(connection, settings, namespaces, expiresAt)
    },
    probe: (spec, signal) => probeNamespace({ connection, objects, settings, file }, spec, signal),
    quota: (namespace) => quotaOf(connection, namespace),
    reader: (namespace, slug) =>
      createReader(connection, objects, {
        cluster: settings.name,
        namespace,
        ingress: wayTo(settings, slug),
      }),
    namespaces: (of) => namespacesOf(objects, of),
    watch: (moved) => watchNamespaces(connection, log, moved),
    check: () => inspectCluster(connection, objects, settings),
    plan: async () => planInstall(objects, wantedObjects(settings)),
    async install() {
      for (const object of wantedObjects(settings)) await objects.apply(object)
    },
    masterKubeconfig: () => masterKubeconfig(connection, settings),
    close: () => connection.close(),
  }
}

async function namespacesOf(
  objects: Objects,
  of: { hunt: string } | { server: string },
): Promise<FoundNamespace[]> {
  const { items } = await objects.list(namespaceKind, {
    labelSelector: 'hunt' in of ? `${marks.hunt}=${of.hunt}` : `${marks.server}=${of.server}`,
    items: 20_000,
    bytes: 64 * 2 ** 20,
  })
  return items.map((item) => {
    const { hunt, server } = labelledOwner(item)
    return {
      name: item.metadata.name,
      slug: item.metadata.labels?.[marks.player] ?? '',
      hunt: hunt ?? '',
      server,
      terminating: item.metadata.deletionTimestamp !== undefined,
    }
  })
}

/** How the world reaches a player's Ingresses; null where the cluster has none. */
export function wayTo({ ingress }: ClusterSettings, slug: string): IngressWay | null {
  if (!ingress) return null
  return {
    suffix: `${slug}.${ingress.domain}`,
    className: ingress.className,
    // A wildcard record covers what is below the domain, not the domain itself.
    address: ingress.address ?? `${slug}.${ingress.domain}`,
    httpPort: ingress.httpPort,
    httpsPort: ingress.httpsPort,
    publicHttpPort: ingress.publicHttpPort,
    publicHttpsPort: ingress.publicHttpsPort,
    onServer: ingress.onServer,
  }
}

async function kubeconfigFor(
  connection: Connection,
  settings: ClusterSettings,
  namespaces: readonly { name: string }[],
  expiresAt: Date,
): Promise<{ text: string; expiresAt: Date }> {
  const contexts = await Promise.all(
    namespaces.map(async ({ name }) => ({
      namespace: name,
      credentials: await requestToken(connection, playerOf(name), expiresAt),
    })),
  )
  const url = settings.publicServer ?? connection.server
  const text = writeKubeconfig({ name: settings.name, url, authority: connection.authority }, contexts)
  const ends = contexts.map(({ credentials }) => credentials.expiresAt.getTime())
  return { text, expiresAt: new Date(Math.min(...ends)) }
}

async function masterKubeconfig(
  connection: Connection,
  { name }: ClusterSettings,
): Promise<{ text: string; expiresAt: Date }> {
  const { namespace, name: account } = masterAccount
  const wanted = new Date(Date.now() + masterTokenDays * 86_400_000)
  const credentials = await requestToken(connection, { namespace, account }, wanted)
  const server = { name, url: connection.server, authority: connection.authority }
  return { text: writeKubeconfig(server, [{ namespace, credentials }]), expiresAt: credentials.expiresAt }
}

async function quotaOf(connection: Connection, namespace: string): Promise<QuotaUse[]> {
  const { status } = await connection.json<{
    status?: { hard?: Record<string, string>; used?: Record<string, string> }
  }>(`/api/v1/namespaces/${encodeURIComponent(namespace)}/resourcequotas/hunt`)
  return Object.entries(status?.hard ?? {}).map(([resource, hard]) => ({
    resource,
    hard,
    used: status?.used?.[resource] ?? '0',
  }))
}
