import { readFile, writeFile } from 'node:fs/promises'
import { get as httpsGet } from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { holders, makeKeys, makeServerCertificate, writeKubeconfig } from './keys.ts'
import { howToGet } from './origins.ts'
import { startDetached, waitFor, type Started } from './processes.ts'
import { controlPlaneCommand } from './tools.ts'

export interface ControlPlane {
  /** Such as `https://127.0.0.1:41234`. */
  server: string
  /** Path of the administrator's kubeconfig. */
  kubeconfig: string
  /** Folder with `ca.crt`, `ca.key` and the components' certificates. */
  keys: string
  processes: Started[]
}

const serviceCidr = '10.96.0.0/16'

/** What a hunt's namespaces need of the controller manager; a node needs some more. */
const controllers = [
  ...[
    'serviceaccount-token',
    'serviceaccount',
    'root-ca-certificate-publisher',
    'namespace',
    'garbage-collector',
  ],
  ...[
    'resourcequota',
    'clusterrole-aggregation',
    'deployment',
    'replicaset',
    'statefulset',
    'daemonset',
    'job',
  ],
  ...['cronjob', 'ttl-after-finished', 'pod-garbage-collector', 'endpointslice', 'endpoints', 'disruption'],
  ...['taint-eviction', 'node-lifecycle', 'validatingadmissionpolicy-status'],
  ...['persistentvolume-binder', 'persistentvolumeclaim-protection', 'persistentvolume-protection'],
  ...['ephemeral-volume', 'horizontal-pod-autoscaler'],
].map((name) => `${name}-controller`)

/**
 * etcd, API server, controller manager and scheduler in `dir`, which must exist. They outlive this process. Pods reach the
 * API server only when `address` is not a loopback one; other machines by `host`, a name or an address of this one. What makes it the
 * same cluster another time (objects, keys, port) is in `keep`, which is `dir` when not said.
 */
export async function startControlPlane(
  dir: string,
  {
    address = '127.0.0.1',
    keep = dir,
    host,
  }: { address?: string; keep?: string; host?: string | undefined } = {},
): Promise<ControlPlane> {
  const keys = join(keep, 'keys')
  await makeKeys(keys)
  await makeServerCertificate(keys, [address, ...(host === undefined ? [] : [host])])
  const [api, clientPort, peerPort] = [
    await keptPort(keep, 'api', address),
    await freePort(),
    await freePort(),
  ]
  const server = `https://${address}:${api}`
  const kubeconfig = await writeKubeconfig(keys, holders.admin.name, server)
  const etcd = `http://127.0.0.1:${clientPort}`
  const processes: Started[] = []
  const start = async (name: string, args: string[]) => {
    const command = controlPlaneCommand(name)
    if (!command) throw new Error(`There is no ${name}: ${howToGet([name])}.`)
    const started = await startDetached(dir, name, [...command, ...args])
    processes.push(started)
    return started
  }
  const etcdProcess = await start('etcd', [
    ...etcdFlags(keep, etcd, `http://127.0.0.1:${peerPort}`),
    // What is thrown away need not outlive a power failure.
    ...(keep === dir ? ['--unsafe-no-fsync'] : []),
  ])
  const serving = async () => (await fetch(`${etcd}/readyz`)).status === 200
  await waitFor('etcd', serving, { process: etcdProcess, dir })
  const apiServer = await start(
    'kube-apiserver',
    apiFlags(keys, { address, port: api, etcd, everywhere: host !== undefined }),
  )
  const ready = (path: string) => async () => (await statusOf(keys, server, path)) === 200
  await waitFor('API server', ready('/readyz'), { process: apiServer, dir })
  const controllersConfig = await writeKubeconfig(keys, holders.controllers.name, server)
  const manager = await start('kube-controller-manager', managerFlags(keys, controllersConfig))
  const schedulerConfig = await writeKubeconfig(keys, holders.scheduler.name, server)
  const leaderless = ['--leader-elect=false', '--bind-address=127.0.0.1', '--secure-port=0']
  await start('kube-scheduler', [`--kubeconfig=${schedulerConfig}`, ...leaderless])
  const account = '/api/v1/namespaces/default/serviceaccounts/default'
  await waitFor('controller manager', ready(account), { process: manager, dir })
  return { server, kubeconfig, keys, processes }
}

function etcdFlags(folder: string, client: string, peer: string): string[] {
  const addresses = [`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`]
  const peers = [
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=e=${peer}`,
  ]
  return ['--name=e', `--data-dir=${join(folder, 'etcd')}`, '--log-level=warn', ...addresses, ...peers]
}

function apiFlags(
  keys: string,
  { address, port, etcd, everywhere }: { address: string; port: number; etcd: string; everywhere: boolean },
): string[] {
  const key = (name: string) => join(keys, name)
  return [
    `--etcd-servers=${etcd}`,
    `--bind-address=${everywhere ? '0.0.0.0' : address}`,
    `--advertise-address=${address}`,
    `--secure-port=${port}`,
    // Loopback may not be an endpoint of the service "kubernetes".
    `--endpoint-reconciler-type=${address.startsWith('127.') ? 'none' : 'lease'}`,
    `--tls-cert-file=${key('server.crt')}`,
    `--tls-private-key-file=${key('server.key')}`,
    `--client-ca-file=${key('ca.crt')}`,
    `--kubelet-client-certificate=${key('kubelets.crt')}`,
    `--kubelet-client-key=${key('kubelets.key')}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${key('sa.pub')}`,
    `--service-account-signing-key-file=${key('sa.key')}`,
    `--service-cluster-ip-range=${serviceCidr}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged=true',
    // Without it, volumes of images are dropped before admission looks; later versions have it by default.
    '--feature-gates=ImageVolume=true',
    '--profiling=false',
  ]
}

function managerFlags(keys: string, kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    '--secure-port=0',
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${join(keys, 'sa.key')}`,
    `--root-ca-file=${join(keys, 'ca.crt')}`,
    `--controllers=${controllers.join(',')}`,
  ]
}

async function statusOf(keys: string, server: string, path: string): Promise<number | undefined> {
  const [ca, cert, key] = await Promise.all(
    ['ca.crt', 'admin.crt', 'admin.key'].map((name) => readFile(join(keys, name))),
  )
  return await new Promise((resolve, reject) => {
    httpsGet(`${server}${path}`, { ca, cert, key, timeout: 2000 }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })
}

/** The port that `name` had before in this folder, or the usual one, where it is still free; else another, which is noted there. */
export async function keptPort(folder: string, name: string, address: string, usual = 0): Promise<number> {
  const file = join(folder, `${name}.port`)
  const before = Number(await readFile(file, 'utf8').catch(() => String(usual)))
  const port = await freePort(address, before).catch(() => freePort(address))
  await writeFile(file, String(port))
  return port
}

export async function freePort(address = '127.0.0.1', wanted = 0): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(wanted, address, resolve)
  })
  const bound = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof bound !== 'object' || bound === null) throw new Error('no port')
  return bound.port
}
