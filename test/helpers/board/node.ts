import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CoreV1Api } from '@kubernetes/client-node'
import { freePort, type ControlPlane } from './control-plane.ts'
import { boardImages, loadImage, standardImages } from './images.ts'
import { makeCertificate, writeKubeconfig } from './keys.ts'
import { machine } from './machine.ts'
import { busyboxPath, commandOf, pluginFolder } from './node-parts.ts'
import { connect } from './objects.ts'
import { installPlugins, policyStep } from './pod-addresses.ts'
import { startDetached, waitFor, type Started } from './processes.ts'
import { run } from './run.ts'
import { tool } from './tools.ts'

export const nodeName = 'node1'
export const dnsAddress = '10.96.0.10'

export interface Node {
  name: string
  /** Where pods reach what runs on the node. */
  address: string
  dir: string
  /** Of containerd. */
  socket: string
  processes: Started[]
}

/**
 * containerd, kubelet and kube-proxy, with pods on a bridge, in `dir`, with images in `keep`. The machine must be claimed before (`claimMachine`), and
 * the API server must listen on its address; `cleanNode` ends it all. Returns when the node is ready for pods.
 */
export async function startNode(controlPlane: ControlPlane, dir: string, keep = dir): Promise<Node> {
  const socket = join(dir, 'containerd.sock')
  const begun = Date.now()
  const containerd = await startContainerd({ dir, keep, socket })
  for (const image of await standardImages(busyboxPath())) await loadImage({ dir, socket }, image)
  const kubelet = await startKubelet(controlPlane, dir, socket)
  const proxy = await startProxy(controlPlane, dir)
  const api = connect(controlPlane.kubeconfig).makeApiClient(CoreV1Api)
  const isReady = async () => {
    const { status } = await api.readNode({ name: nodeName })
    // A cluster that was kept remembers that the node was ready another time; times are told in seconds.
    return (
      status?.conditions?.some(
        ({ type, status, lastHeartbeatTime }) =>
          type === 'Ready' && status === 'True' && (lastHeartbeatTime?.getTime() ?? 0) >= begun - 1000,
      ) ?? false
    )
  }
  await waitFor('node', isReady, { process: kubelet, dir })
  const processes = [containerd, kubelet, proxy]
  return { name: nodeName, address: machine.address, dir, socket, processes }
}

async function startContainerd({ dir, keep, socket }: Placed): Promise<Started> {
  const plugins = await installPlugins(dir, pluginFolder())
  const conf = join(dir, 'cni')
  await mkdir(conf, { recursive: true })
  await writeFile(join(conf, '10-bridge.conflist'), JSON.stringify(networkOf(dir)))
  await writeFile(join(dir, 'containerd.toml'), containerdConfig({ dir, keep, socket }, { plugins, conf }))
  const containerd = await startDetached(dir, 'containerd', [
    tool('containerd'),
    '-c',
    join(dir, 'containerd.toml'),
  ])
  const answers = async () => (await run('ctr', ['--address', socket, 'version'])) !== ''
  await waitFor('containerd', answers, { process: containerd, dir })
  return containerd
}

function networkOf(dir: string) {
  const ranges = [[{ subnet: machine.podCidr }]]
  const ipam = { type: 'host-local', ranges, routes: [{ dst: '0.0.0.0/0' }], dataDir: join(dir, 'addresses') }
  const bridge = {
    type: 'bridge',
    bridge: machine.bridge,
    isGateway: true,
    ipMasq: false,
    hairpinMode: true,
    ipam,
  }
  return { cniVersion: '0.4.0', name: machine.network, plugins: [bridge, ...withoutIpv6(), policyStep] }
}

/** Else every pod would give itself a link-local address, of which no policy knows. */
function withoutIpv6() {
  if (!existsSync('/proc/sys/net/ipv6')) return []
  return [{ type: 'tuning', sysctl: { 'net.ipv6.conf.eth0.disable_ipv6': '1' } }]
}

interface Placed {
  dir: string
  keep: string
  socket: string
}

/** All below `dir` and `keep`, so that a containerd of the machine's own is not met and removing the folder removes it all. */
function containerdConfig({ dir, keep, socket }: Placed, cni: { plugins: string; conf: string }): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"'
  return `version = 2
root = "${keep}/containerd"
state = "${dir}/containerd/state"
oom_score = 0
[grpc]
  address = "${socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "${dir}/containerd/opt"
[${cri}]
  sandbox_image = "${boardImages.pause}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  netns_mounts_under_state_dir = true
  [${cri}.registry]
    config_path = "${dir}/registries"
  [${cri}.containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [${cri}.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [${cri}.containerd.runtimes.runc.options]
        Root = "${dir}/containerd/runc"
        SystemdCgroup = false
  [${cri}.cni]
    bin_dir = "${cni.plugins}"
    conf_dir = "${cni.conf}"
`
}

async function startKubelet(controlPlane: ControlPlane, dir: string, socket: string): Promise<Started> {
  const { keys, server } = controlPlane
  const subject = `/O=system:nodes/CN=system:node:${nodeName}`
  await makeCertificate(keys, { name: nodeName, subject, extensions: 'extendedKeyUsage=clientAuth\n' })
  const kubeconfig = await writeKubeconfig(keys, nodeName, server)
  const config = kubeletConfig({ dir, socket, keys, port: await freePort(machine.address) })
  await writeFile(join(dir, 'kubelet.json'), JSON.stringify(config))
  return await startDetached(dir, 'kubelet', [
    ...commandOf('kubelet'),
    `--config=${join(dir, 'kubelet.json')}`,
    `--kubeconfig=${kubeconfig}`,
    `--root-dir=${join(dir, 'kubelet')}`,
    `--cert-dir=${join(dir, 'kubelet', 'pki')}`,
    `--hostname-override=${nodeName}`,
    `--node-ip=${machine.address}`,
  ])
}

function kubeletConfig({
  dir,
  socket,
  keys,
  port,
}: {
  dir: string
  socket: string
  keys: string
  port: number
}) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: machine.address,
    port,
    readOnlyPort: 0,
    healthzPort: 0,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(keys, 'ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    containerRuntimeEndpoint: `unix://${socket}`,
    clusterDNS: [dnsAddress],
    clusterDomain: 'cluster.local',
    resolvConf: '/etc/resolv.conf',
    volumePluginDir: join(dir, 'kubelet', 'plugins'),
    podLogsDir: join(dir, 'kubelet', 'pods-logs'),
    syncFrequency: '10s',
    nodeStatusUpdateFrequency: '5s',
    // A developer's full disk is no reason to end pods, nor to throw away the images that came with the node.
    evictionHard: { 'memory.available': '100Mi' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
  }
}

async function startProxy({ kubeconfig }: ControlPlane, dir: string): Promise<Started> {
  return await startDetached(dir, 'kube-proxy', [
    ...commandOf('kube-proxy'),
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${nodeName}`,
    '--proxy-mode=iptables',
    `--cluster-cidr=${machine.podCidr}`,
    '--conntrack-max-per-core=0',
    `--healthz-bind-address=127.0.0.1:${await freePort()}`,
    `--metrics-bind-address=127.0.0.1:${await freePort()}`,
  ])
}
