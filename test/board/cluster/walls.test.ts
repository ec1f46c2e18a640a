import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { CoreV1Api } from '@kubernetes/client-node'
import { machine } from '../../helpers/board/machine.ts'
import { applyObjects, connect } from '../../helpers/board/objects.ts'
import { inNetworkOf, linkLocalOf, processOf } from '../../helpers/board/pod-network.ts'
import { cleanNamespace, isReady, podThat, restrictedPod, runInPod } from '../../helpers/board/pods.ts'
import { lacksNode, openNode, type NodeBoard } from '../../helpers/node.ts'

describe('a pod of the test board’s node', { skip: lacksNode() }, () => {
  test('reaches nothing of a neighbour or of the node, by whichever address', async (context) => {
    const board = await openNode()
    const { neighbour, ways } = await surroundingsOf(context, board)
    const walled = await walledNamespace(context, board.kubeconfig)
    assert.deepEqual(await reached(board.kubeconfig, walled, ways), [])
    // All of it answers one whom no policy holds, so that the silence before is the walls'. No pod has a way by IPv6.
    const free = await cleanNamespace(context, board.kubeconfig)
    const open = Object.keys(ways).filter((way) => !way.includes('link-local'))
    assert.deepEqual(await reached(board.kubeconfig, free, ways), open)
    assert.equal(await inNetworkOf(neighbour.process, 'ip -6 addr show dev eth0'), '')
  })

  test('reaches nothing by IPv6 even where somebody has given pods addresses of it', async (context) => {
    const board = await openNode()
    const { neighbour, ways } = await surroundingsOf(context, board)
    const walled = await walledNamespace(context, board.kubeconfig)
    const pod = restrictedPod(walled, 'attacker', ['sleep', '300'])
    const attacker = await processOf((await podThat(board.kubeconfig, pod, isReady)).metadata?.uid ?? '')
    for (const process of [attacker, neighbour.process])
      await inNetworkOf(
        process,
        'echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad; echo 0 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6',
      )
    for (const [way, opens] of Object.entries(ways).filter(([way]) => way.includes('link-local')))
      assert.equal(await inNetworkOf(attacker, `${opens} && echo reached || echo blocked`), 'blocked\n', way)
  })
})

/** A line of shell that succeeds where a connection comes about. */
const opens = (host: string, port: number) => `nc -w 2 ${host} ${port} </dev/null >/dev/null 2>&1`

/** A neighbour's pod, and the ways to it and to the node that it runs on. */
async function surroundingsOf(context: TestContext, board: NodeBoard) {
  const { kubeconfig, node, ingress, server } = board
  const namespace = await cleanNamespace(context, kubeconfig)
  const pod = await podThat(kubeconfig, restrictedPod(namespace, 'web'), isReady)
  const process = await processOf(pod.metadata?.uid ?? '')
  const link = await inNetworkOf(process, 'ip link show dev eth0')
  const hardware = /link\/ether (\S+)/.exec(link)?.[1] ?? ''
  const name = 'web'
  const spec = { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] }
  await applyObjects(kubeconfig, [{ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec }])
  const service = await connect(kubeconfig)
    .makeApiClient(CoreV1Api)
    .readNamespacedService({ namespace, name })
  const kubelet = JSON.parse(await readFile(join(node.dir, 'kubelet.json'), 'utf8')) as { port: number }
  const listening = await listen(context)
  const ways = {
    'a pod': opens(pod.status?.podIP ?? '', 8080),
    'its Service': opens(service.spec?.clusterIP ?? '', 80),
    'its link-local address': opens(`${linkLocalOf(hardware)}%eth0`, 8080),
    'the kubelet': opens(node.address, kubelet.port),
    'the API server': opens(node.address, Number(new URL(server).port)),
    'the ingress': opens(ingress.address, ingress.httpPort),
    'the node at the bridge': opens(machine.gateway, listening),
    'the node’s link-local address': opens(`${await linkLocalOfBridge()}%eth0`, listening),
  }
  return { neighbour: { process }, ways }
}

/** Something on the node that whoever reaches it in either family may speak to. */
async function listen(context: TestContext): Promise<number> {
  const server = createServer((socket) => socket.end('the node')).listen(0, '::')
  await once(server, 'listening')
  context.after(() => server.close())
  return (server.address() as AddressInfo).port
}

async function linkLocalOfBridge(): Promise<string> {
  return linkLocalOf((await readFile(`/sys/class/net/${machine.bridge}/address`, 'utf8')).trim())
}

/** A namespace as players have it: only its own pods may be spoken to. */
async function walledNamespace(context: TestContext, kubeconfig: string): Promise<string> {
  const namespace = await cleanNamespace(context, kubeconfig)
  const kin = [{ podSelector: {} }]
  const rules = { ingress: [{ from: kin }], egress: [{ to: kin }] }
  await applyObjects(kubeconfig, [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'walls', namespace },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ...rules },
    },
  ])
  return namespace
}

/** The names of the ways on which a pod of the namespace comes through. */
async function reached(
  kubeconfig: string,
  namespace: string,
  ways: Record<string, string>,
): Promise<string[]> {
  const lines = Object.values(ways).map((opens, index) => `(${opens} && echo ${index}) &`)
  const { output } = await runInPod(kubeconfig, namespace, `${lines.join('\n')}\nwait`)
  return Object.keys(ways).filter((_, index) => output.split('\n').includes(String(index)))
}
