import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { howToGet, inKubebox } from './origins.ts'
import { controlPlaneCommand, lacksTools, toolPath } from './tools.ts'

const fromPackages = ['containerd', 'ctr', 'runc', 'iptables', 'ip6tables', 'ip', 'nft', 'umount', 'openssl']
/** By program, or by a file that a package brings. */
export const neededOfPackages = [...fromPackages, '/usr/lib/cni/bridge', 'busybox', 'docker-registry']
const plugins = ['bridge', 'host-local', 'loopback', 'tuning']

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
    ...fromPackages.filter((name) => !toolPath(name)).map((name) => [name, name] as const),
    ...(findPlugins() ? [] : [['/usr/lib/cni/bridge', 'the plugins of CNI'] as const]),
    ...(findBusybox() ? [] : [['busybox', 'a static busybox'] as const]),
    ...(findRegistry() ? [] : [['docker-registry', 'docker-registry'] as const]),
  ]
  if (missing.length > 0) {
    const signs = missing.map(([sign]) => sign)
    return `no ${missing.map(([, text]) => text).join(', ')}: ${howToGet(signs)}`
  }
  if (!existsSync('/proc/sys/net/bridge'))
    return 'policies need a module of the kernel: run "modprobe br_netfilter"'
  return lacksTools(...inKubebox, 'coredns', 'traefik')
}

/** The command of a part that must be there. */
export function commandOf(name: string): [string, ...string[]] {
  const command = controlPlaneCommand(name)
  if (!command) throw new Error(`There is no ${name}. ${lacksNode() || ''}`)
  return command
}

export function busyboxPath(): string {
  const path = findBusybox()
  if (!path) throw new Error(`There is no static busybox: ${howToGet(['busybox'])}.`)
  return path
}

/** The folder with the plugins of CNI. */
export function pluginFolder(): string {
  const folder = findPlugins()
  if (!folder) throw new Error(`There are no plugins of CNI: ${howToGet(['/usr/lib/cni/bridge'])}.`)
  return folder
}

/** Distribution, by the name that Debian gives it or by its own. */
export function registryPath(): string {
  const path = findRegistry()
  if (!path) throw new Error(`There is no registry: ${howToGet(['docker-registry'])}.`)
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
