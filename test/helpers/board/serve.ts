import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { stringify } from 'yaml'
import { openStorage } from '../../../src/compose/storage.ts'
import { readConfig } from '../../../src/config.ts'
import type { RegistrySettings } from '../../../src/core/board-file.ts'
import { Fault } from '../../../src/lib/errors.ts'
import { silentLog } from '../../../src/lib/log.ts'
import { endChild } from '../../../src/lib/process.ts'
import { packageRoot } from '../../../src/lib/root.ts'
import { boardFor, installedCluster } from '../cluster.ts'
import { lacksNode, openNode, stopNode, type NodeBoard } from '../node.ts'
import { loadHuntImages } from './hunt-images.ts'
import { startHuntRegistry } from './hunt-registry.ts'
import { boardImages } from './images.ts'
import { knowRegistry } from './registry.ts'
import { lacksTools } from './tools.ts'
import { storageClass } from './volumes.ts'

// `make board`: starts the node of the test board with a registry beside it and serves the hunt on both until Ctrl-C; then the
// machine is put back.

const code = 'yak-butter-tea'
// On this machine, every name below localhost leads to it.
const domain = process.env['BOARD_DOMAIN'] || 'play.localhost'
/** A name or an address by which other machines reach this one. */
const lanHost = process.env['BOARD_HOST'] || undefined
const folder = join(packageRoot(), '.data', 'board')

const lacks = lacksNode() || lacksTools('village', 'kubectl')
if (lacks) {
  process.stderr.write(`The board cannot be started here: ${lacks}\n`)
  process.exit(1)
}
// A terminal sends Ctrl-C to the server too, which ends by itself; we end after it. SIGTERM comes to us alone, and is handed on.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
try {
  process.exitCode = await run()
} catch (error) {
  if (!(error instanceof Fault)) throw error
  process.stderr.write(`The board cannot be started here: ${error.message}\n`)
  process.exitCode = 1
}

async function run(): Promise<number> {
  const config = readConfig(process.env, packageRoot())
  const port = registryPort(process.env['REGISTRY_PORT'])
  assertHost('BOARD_DOMAIN', domain)
  if (lanHost !== undefined) assertHost('BOARD_HOST', lanHost)
  // The server that comes later has the same secrets.
  const storage = await openStorage(config, silentLog)
  await storage.close()
  const hunt = await startHuntRegistry({
    dir: join(folder, 'registry'),
    port,
    host: lanHost,
    config,
    storage,
  })
  try {
    await loadHuntImages(hunt.registry)
    process.stdout.write('Starting a Kubernetes node on this machine, about 20 s …\n')
    return await onNode(hunt.settings)
  } finally {
    await hunt.close()
  }
}

function registryPort(given = '5000'): number {
  const port = Number(given)
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Fault(`REGISTRY_PORT=${given} is no port: choose one from 1024 to 65535.`)
  return port
}

/** As it stands in addresses, host names and certificates; the node knows IPv4 alone. */
function assertHost(setting: string, text: string): void {
  if (!/^[a-z0-9]([a-z0-9.-]{0,200}[a-z0-9])?$/.test(text))
    throw new Fault(
      `${setting}=${text} is no host: write a name in lower case or an IPv4 address, without scheme and port.`,
    )
}

async function onNode(registry: RegistrySettings): Promise<number> {
  const kept = join(folder, 'cluster')
  const again = existsSync(join(kept, 'etcd'))
  await mkdir(kept, { recursive: true, mode: 0o700 })
  const board = await openNode({ keep: kept, host: lanHost })
  try {
    if (lanHost !== undefined) await knowRegistry(board.node.dir, registry.host, registry.url ?? '')
    const path = await writeBoard(board, registry)
    process.stdout.write(about(board, path, registry, again))
    return await serve(path)
  } finally {
    process.stdout.write('Stopping the node …\n')
    await stopNode()
  }
}

/** `board.yaml` for this node, with roles and policies in place. */
async function writeBoard(
  { server, kubeconfig, ingress }: NodeBoard,
  registry: RegistrySettings,
): Promise<string> {
  const { className, address, httpPort, httpsPort } = ingress
  const ports = { httpPort, httpsPort, publicHttpPort: httpPort, publicHttpsPort: httpsPort }
  const plain = boardFor(kubeconfig, {
    ingress: { domain, className, address, ...ports, namespace: 'ingress', onServer: true },
    probeImage: boardImages.shell,
    capacity: 20,
    storageClass,
    ...(lanHost !== undefined && { publicServer: `https://${lanHost}:${new URL(server).port}` }),
  })
  const file = { ...plain, registry }
  const cluster = await installedCluster(file)
  await mkdir(folder, { recursive: true })
  // The server plays with the rights that a real master has, not with an administrator's.
  await writeFile(join(folder, 'master.kubeconfig'), (await cluster.masterKubeconfig()).text, { mode: 0o600 })
  cluster.close()
  const clusters = file.clusters.map((one) => ({ ...one, kubeconfig: 'master.kubeconfig' }))
  await writeFile(join(folder, 'board.yaml'), stringify({ ...file, clusters }))
  return join(folder, 'board.yaml')
}

function about(
  { kubeconfig, ingress }: NodeBoard,
  path: string,
  { host }: RegistrySettings,
  again: boolean,
): string {
  const kept = `kept in ${relative(packageRoot(), join(folder, 'cluster'))}`
  return [
    '',
    `  Board       ${path}   (BOARD_FILE=… for bin/shambhala board and prove)`,
    `  Cluster     ${again ? `that of the last time, ${kept}` : `a new one, ${kept}: remove that folder to begin anew`}`,
    `  As admin    export KUBECONFIG=${kubeconfig}`,
    `  Registry    ${host}   (without TLS, kept in ${relative(packageRoot(), join(folder, 'registry'))})`,
    `  To push     docker login ${host}, or buildah login --tls-verify=false ${host},`,
    `              with a player’s name in the address of their page and a token of theirs as the password`,
    `  Ingress     http://<player>.${domain}:${ingress.httpPort} and names before it; each page has the line that calls it`,
    ...(lanHost === undefined
      ? [
          '  Elsewhere   BOARD_HOST=<an address of this machine> make board opens cluster and registry to other machines',
        ]
      : []),
    `  To join     the registration code is ${code}`,
    '',
  ].join('\n')
}

async function serve(path: string): Promise<number> {
  const child = spawn(join(packageRoot(), 'bin', 'shambhala'), ['serve'], {
    cwd: packageRoot(),
    stdio: 'inherit',
    env: { REGISTRATION_CODE: code, ...process.env, BOARD_FILE: path },
  })
  process.once('SIGTERM', () => void endChild(child, 'SIGTERM'))
  return await new Promise((resolve) => child.once('close', (status) => resolve(status ?? 1)))
}
