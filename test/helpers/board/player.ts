import { randomBytes } from 'node:crypto'
import { connectTo, type Connection } from '../../../src/board/cluster/connection.ts'
import { ApiFailure } from '../../../src/board/cluster/failure.ts'
import { installObjects } from '../../../src/board/cluster/install.ts'
import { manifestsFor } from '../../../src/board/cluster/manifests.ts'
import type { NamespaceSurroundings } from '../../../src/board/cluster/surroundings.ts'
import { objectsOf, type Objects } from '../../../src/board/cluster/objects.ts'
import type { KubeObject, NamespaceSpec } from '../../../src/board/cluster/types.ts'
import { boardFile } from '../../../src/core/board-file.ts'
import { openBoard } from '../board.ts'
import { until } from '../until.ts'

const amounts = { cpu: '500m', memory: '256Mi', ephemeralStorage: '256Mi' }
export const smallBudget: NamespaceSpec['budget'] = {
  cpu: '2',
  memory: '1Gi',
  ephemeralStorage: '2Gi',
  storage: '1Gi',
  pods: 10,
  services: 5,
  persistentVolumeClaims: 2,
  secrets: 40,
  configMaps: 20,
  jobs: 5,
  deployments: 5,
  ingresses: 3,
  container: { default: amounts, request: { ...amounts, cpu: '50m' }, max: amounts },
  images: '1Gi',
  egress: { apiServer: false, internet: false },
}

/** A cluster with ingress and gateway and a registry with a port, as the manifests of one namespace see it. */
export function surroundings(kubeconfig = '/etc/hunt/kubeconfig'): NamespaceSurroundings {
  const ingress = {
    domain: 'play.example.org',
    className: 'hunt',
    namespace: 'ingress',
    address: '192.0.2.7',
    annotations: ['example.org/timeout'],
    gateway: 'gateways/hunt',
  }
  const { clusters, services, images } = boardFile.parse({
    clusters: [{ name: 'main', kubeconfig, ingress, storageClass: 'fast' }],
    budgets: {},
    images: ['board.local/', 'busybox'],
    services: ['10.20.0.0/24'],
  })
  const [settings] = clusters
  if (!settings) throw new Error('no cluster')
  const registry = { registry: 'registry.example.org:5000', pullPassword: (slug: string) => `of ${slug}` }
  return { settings, board: { services, images }, masterUser: 'admin', ...registry }
}

export interface BoardPlayer {
  slug: string
  namespace: string
  spec: NamespaceSpec
  /** The administrator's and the player's eyes. */
  admin: Connection
  objects: Objects
  player: Connection
  playerObjects: Objects
  token: string
}

/** A player with a namespace on the shared control plane, whose cluster is installed. `close` deletes it. */
export async function openPlayer(): Promise<{ player: BoardPlayer; close: () => Promise<void> }> {
  const { kubeconfig } = await openBoard()
  const around = surroundings(kubeconfig)
  const admin = await connectTo(around.settings, (path) => path)
  const objects = objectsOf(admin)
  for (const object of installObjects({ settings: around.settings })) await objects.apply(object)
  const slug = `p${randomBytes(4).toString('hex')}`
  const namespace = `hunt-${slug}`
  const spec = { name: namespace, slug, hunt: 'tests', server: 'tests', environment: '', budget: smallBudget }
  for (const object of manifestsFor(spec, around)) await objects.apply(object)
  const { status } = await admin.json<{ status: { token: string } }>(
    `/api/v1/namespaces/${namespace}/serviceaccounts/player/token`,
    { method: 'POST', body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} } },
  )
  const player = await admin.as(status.token)
  const close = async () => {
    await objects.remove({ apiVersion: 'v1', kind: 'Namespace' }, namespace)
    player.close()
    admin.close()
  }
  const eyes = { admin, objects, player, playerObjects: objectsOf(player), token: status.token }
  return { player: { slug, namespace, spec, ...eyes }, close }
}

/**
 * What the API server says to an object, made as a dry run: '' or the refusal. Policies that were installed an instant
 * ago take effect within seconds: `wanted` says which answer ends the waiting.
 */
export async function answerTo(
  objects: Objects,
  object: KubeObject,
  wanted: (answer: string) => boolean,
): Promise<string> {
  const answer = () =>
    objects.apply(object, { dryRun: true }).then(
      () => '',
      (error: unknown) => {
        if (error instanceof ApiFailure) return error.message
        throw error
      },
    )
  return await until('an answer of the API server', 10, answer, wanted, 100)
}
