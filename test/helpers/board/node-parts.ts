import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { controlPlaneCommand, lacksTools, toolPath } from './tools.ts'

const packages =
  'containerd runc containernetworking-plugins iptables iproute2 nftables busybox-static docker-registry openssl'
const fromPackages = ['containerd', 'ctr', 'runc', 'iptables', 'ip6tables', 'ip', 'nft', 'umount', 'openssl']
const plugins = ['bridge', 'host-local', 'loopback']

/**
 * Why no node can run here, with what to do about it; false where one can. In CI nothing may be lacking: there its tests run
 * and fail.
 */
export function lacksNode(): string | false {
  if (process.env['CI'] === 'true') return false
  if (process.platform !== 'linux')
    return 'a node needs Linux: run the tests in a virtual machine or a container'
  if (process.getuid?.() !== 0) return 'a node needs root: run "sudo make test"'
  const missing = [
    ...fromPackages.filter((name) => !toolPath(name)),
    ...(findPlugins() ? [] : ['the plugins of CNI']),
    ...(findBusybox() ? [] : ['a static busybox']),
    ...(findRegistry() ? [] : ['docker-registry']),
  ]
  if (missing.length > 0) return `no ${missing.join(', ')}: run "apt-get install ${packages}"`
  if (!existsSync('/proc/sys/net/bridge'))
    return 'policies need a module of the kernel: run "modprobe br_netfilter"'
  const own = ['kubelet', 'kube-proxy'].filter((name) => !controlPlaneCommand(name))
  if (own.length > 0)
    return `no ${own.join(', ')}: run "make tools", or name a folder that has them by SHAMBHALA_TOOLS=…`
  return lacksTools(
    'etcd',
    'kube-apiserver',
    'kube-controller-manager',
    'kube-scheduler',
    'coredns',
    'traefik',
  )
}

/** The command of a part that must be there. */
export function commandOf(name: string): [string, ...string[]] {
  const command = controlPlaneCommand(name)
  if (!command) throw new Error(`There is no ${name}. ${lacksNode() || ''}`)
  return command
}

export function busyboxPath(): string {
  const path = findBusybox()
  if (!path) throw new Error('There is no static busybox: run "apt-get install busybox-static"')
  return path
}

/** The folder with the plugins of CNI. */
export function pluginFolder(): string {
  const folder = findPlugins()
  if (!folder)
    throw new Error('There are no plugins of CNI: run "apt-get install containernetworking-plugins"')
  return folder
}

/** Distribution, by the name that Debian gives it or by its own. */
export function registryPath(): string {
  const path = findRegistry()
  if (!path) throw new Error('There is no registry: run "apt-get install docker-registry"')
  return path
}

const findRegistry = () => toolPath('docker-registry') ?? toolPath('registry')

function findPlugins(): string | undefined {
  const folders = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni']
  return folders.find((folder) => plugins.every((name) => existsSync(join(folder, name))))
}

function findBusybox(): string | undefined {
  const path = toolPath('busybox')
  // A program that is linked dynamically names its loader near its beginning; an image built of it alone would not start.
  return path && !readFileSync(path).subarray(0, 4096).includes('/ld-') ? path : undefined
}
