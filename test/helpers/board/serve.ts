import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { packageRoot } from '../../../src/lib/root.ts'
import { boardFor, installedCluster } from '../cluster.ts'
import { lacksNode, openNode, stopNode, type NodeBoard } from '../node.ts'
import { boardImages, loadImage } from './images.ts'
import { lacksTools, tool } from './tools.ts'

// `make board`: starts the node of the test board and serves the hunt on it until Ctrl-C; then the machine is put back.

const code = 'yak-butter-tea'
const domain = 'play.test'

const lacks = lacksNode() || lacksTools('village', 'kubectl')
if (lacks) {
  process.stderr.write(`The board cannot be started here: ${lacks}\n`)
  process.exit(1)
}
// A terminal sends Ctrl-C to the server too, which ends by itself; we end after it.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
process.stdout.write('Starting a Kubernetes node on this machine, about 20 s …\n')
const board = await openNode()
try {
  await loadVillage(board)
  const path = await writeBoard(board)
  process.stdout.write(about(board, path))
  process.exitCode = await serve(path)
} finally {
  process.stdout.write('Stopping the node …\n')
  await stopNode()
}

async function loadVillage({ node }: NodeBoard): Promise<void> {
  const program = { name: 'village', mode: 0o755, content: await readFile(tool('village')) }
  const config = { User: '65532:65532', Entrypoint: ['/village'] }
  await loadImage(node, { name: 'board.local/hunt/village:1.0.0', entries: [program], config })
}

/** `board.yaml` for this node, with roles and policies in place. */
async function writeBoard({ kubeconfig, ingress }: NodeBoard): Promise<string> {
  const { className, address, httpPort, httpsPort } = ingress
  const file = boardFor(kubeconfig, {
    ingress: { domain, className, address, httpPort, httpsPort, namespace: 'ingress', annotations: [] },
    probeImage: boardImages.shell,
    capacity: 20,
  })
  const cluster = await installedCluster(file)
  const folder = join(packageRoot(), '.data', 'board')
  await mkdir(folder, { recursive: true })
  // The server plays with the rights that a real master has, not with an administrator's.
  await writeFile(join(folder, 'master.kubeconfig'), (await cluster.masterKubeconfig()).text, { mode: 0o600 })
  cluster.close()
  const clusters = file.clusters.map((one) => ({ ...one, kubeconfig: 'master.kubeconfig' }))
  await writeFile(join(folder, 'board.yaml'), stringify({ ...file, clusters }))
  return join(folder, 'board.yaml')
}

function about({ kubeconfig, ingress }: NodeBoard, path: string): string {
  return [
    '',
    `  Board       ${path}   (BOARD_FILE=… for bin/shambhala board and prove)`,
    `  As admin    export KUBECONFIG=${kubeconfig}`,
    `  Ingress     http://${ingress.address}:${ingress.httpPort} for *.<player>.${domain}: curl -H 'Host: …'`,
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
  return await new Promise((resolve) => child.once('close', (status) => resolve(status ?? 1)))
}
