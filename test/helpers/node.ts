import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { withLock } from './board.ts'
import { cleanNode } from './board/clean.ts'
import { startControlPlane, type ControlPlane } from './board/control-plane.ts'
import { startDns } from './board/dns.ts'
import { startIngress, type Ingress } from './board/ingress.ts'
import { claimMachine, machine, nodeFolder } from './board/machine.ts'
import { startNode, type Node } from './board/node.ts'
import { startPolicies } from './board/policies.ts'
import { isRunning, remember, type Started } from './board/processes.ts'
import { startRegistries } from './board/registry.ts'
import { startVolumes } from './board/volumes.ts'

export { lacksNode } from './board/node-parts.ts'

/** What is written down of a running node, so that the next test file finds it. */
export interface NodeBoard extends ControlPlane {
  node: Node
  ingress: Ingress
  /** An address beyond all namespaces that stands for the Internet; what listens there is the test's. */
  outside: string
  /** Where all of it is that makes the same cluster another time. */
  keep: string
}

/**
 * Level two of the test board: a control plane of its own with a node that runs real pods, resolves names, answers Ingresses and
 * enforces policies. One for the machine, shared by all files and runs; it stays up until
 * `node --import tsx test/helpers/node.ts --stop`, which leaves the machine as it was. With `keep`, a folder, it is the cluster that
 * was kept there, with all that is in it; another one ends. With `host`, its API server is reached by that name from other machines.
 */
export async function openNode({
  keep,
  host,
}: { keep?: string; host?: string | undefined } = {}): Promise<NodeBoard> {
  const folder = nodeFolder()
  await mkdir(folder, { recursive: true })
  // Only root may read the keys in it.
  await chmod(folder, 0o700)
  return await withLock(join(folder, 'lock'), async () => {
    const running = await readState()
    const wanted = running && (keep === undefined || running.keep === keep)
    if (wanted && (await allRun(running))) return running
    await cleanNode()
    const dir = join(folder, randomBytes(4).toString('hex'))
    await mkdir(dir)
    const board = await startNodeBoard(dir, keep ?? dir, host)
    await remember(folder, board)
    return board
  })
}

async function startNodeBoard(dir: string, keep: string, host?: string): Promise<NodeBoard> {
  await claimMachine(dir, keep)
  try {
    const controlPlane = await startControlPlane(dir, { address: machine.address, keep, host })
    const [policies, volumes, registries, node] = await Promise.all([
      startPolicies(controlPlane.kubeconfig, dir),
      startVolumes(controlPlane.kubeconfig, dir, join(keep, 'volumes')),
      startRegistries(dir),
      startNode(controlPlane, dir, keep),
    ])
    const [ingress] = await Promise.all([
      startIngress(controlPlane, { dir, keep, everywhere: keep !== dir }),
      startDns(controlPlane, node),
    ])
    const processes = [
      ...[...controlPlane.processes, policies, volumes, ...registries, ...node.processes],
      ingress.process,
    ]
    return { ...controlPlane, processes, node, ingress, outside: machine.outside, keep }
  } catch (error) {
    await cleanNode()
    throw error
  }
}

/** Ends the node and puts the machine back, whoever started it; whatever a killed run has left, too. */
export async function stopNode(): Promise<void> {
  await mkdir(nodeFolder(), { recursive: true })
  await withLock(join(nodeFolder(), 'lock'), async () => {
    await cleanNode()
    await rm(join(nodeFolder(), 'state.json'), { force: true })
  })
}

async function readState(): Promise<NodeBoard | null> {
  const text = await readFile(join(nodeFolder(), 'state.json'), 'utf8').catch(() => null)
  return text === null ? null : (JSON.parse(text) as NodeBoard)
}

async function allRun({ processes }: { processes: Started[] }): Promise<boolean> {
  return (await Promise.all(processes.map((one) => isRunning(one)))).every((runs) => runs)
}

if (process.argv[1] === import.meta.filename && process.argv.includes('--stop')) await stopNode()
