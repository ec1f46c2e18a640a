import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cgroupsOfPods } from './leftovers.ts'
import { run } from './run.ts'

/** What of the machine a node takes. Rare on purpose: a developer's own cluster usually has 10.244.0.0/16. */
export const machine = {
  /** A link of our own, so that pods reach the API server and the ingress at an address that no network card has. */
  link: 'hunt-node0',
  address: '10.217.255.1',
  /** Stands for the Internet: the node answers there, and only a policy keeps pods from it. */
  outside: '203.0.113.1',
  bridge: 'hunt-pods0',
  podCidr: '10.217.0.0/24',
  /** The bridge's own, the first of them. */
  gateway: '10.217.0.1',
  network: 'hunt-board',
  policyTable: 'hunt_policies',
} as const

/** What the machine was like before the node, for `cleanNode` to put back. */
export interface Traces {
  dir: string
  /** What stays for another time; nothing of it may stay in use. */
  keep: string
  sysctls: Record<string, string>
  /** Folders that were not there before and that programs make outside of `dir`. */
  absent: string[]
}

const sysctls = [
  ...['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops'],
  ...['kernel/keys/root_maxkeys', 'kernel/keys/root_maxbytes'],
  ...['net/ipv4/ip_forward', 'net/ipv6/conf/all/forwarding', 'net/ipv4/conf/all/route_localnet'],
  ...['net/bridge/bridge-nf-call-iptables', 'net/bridge/bridge-nf-call-ip6tables'],
  ...['nf_conntrack_max', 'nf_conntrack_tcp_timeout_established', 'nf_conntrack_tcp_timeout_close_wait'].map(
    (name) => `net/netfilter/${name}`,
  ),
]

const foldersOfPrograms = [
  '/etc/cni',
  '/opt/containerd',
  '/run/containerd',
  '/var/lib/cni',
  '/var/lib/kubelet',
  '/var/log/containers',
]

/** One for the machine, not for the user: there can be one node only. */
export function nodeFolder(): string {
  return join(tmpdir(), 'shambhala-node')
}

const tracesPath = () => join(nodeFolder(), 'traces.json')

export async function readTraces(): Promise<Traces | null> {
  const text = await readFile(tracesPath(), 'utf8').catch(() => null)
  return text === null ? null : (JSON.parse(text) as Traces)
}

export async function forgetTraces(): Promise<void> {
  await rm(tracesPath(), { force: true })
}

/** Notes what the machine is like, then gives it the node's addresses. Nothing of an earlier node may be left. */
export async function claimMachine(dir: string, keep = dir): Promise<void> {
  const strangers = await cgroupsOfPods()
  if (strangers.length > 0)
    throw new Error(`Another kubelet runs pods here: there is ${strangers.join(', ')}.`)
  const before: Record<string, string> = {}
  for (const name of sysctls) {
    const value = await readSysctl(name)
    if (value !== null) before[name] = value
  }
  const absent = foldersOfPrograms.filter((folder) => !existsSync(folder))
  await mkdir(nodeFolder(), { recursive: true })
  await writeFile(
    tracesPath(),
    JSON.stringify({ dir, keep, sysctls: before, absent } satisfies Traces, null, 2),
  )
  // Any kind of link would do; bridges are there on every machine that can run pods.
  await run('ip', ['link', 'add', machine.link, 'type', 'bridge'])
  for (const address of [machine.address, machine.outside])
    await run('ip', ['address', 'add', `${address}/32`, 'dev', machine.link])
  await run('ip', ['link', 'set', machine.link, 'up'])
  // Without them packets between pods of one bridge are never shown to the policies.
  for (const name of ['net/bridge/bridge-nf-call-iptables', 'net/bridge/bridge-nf-call-ip6tables'])
    await writeSysctl(name, '1')
}

/** null where this kernel does not have it. */
async function readSysctl(name: string): Promise<string | null> {
  return await readFile(`/proc/sys/${name}`, 'utf8').then(
    (text) => text.trim(),
    () => null,
  )
}

async function writeSysctl(name: string, value: string): Promise<void> {
  await writeFile(`/proc/sys/${name}`, value)
}

export async function restoreSysctls(before: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(before))
    if ((await readSysctl(name)) !== value) await writeSysctl(name, value)
}
