import { readdir, readFile } from 'node:fs/promises'
import { busyboxPath } from './node-parts.ts'
import { run } from './run.ts'

/** A process of the pod with this uid: the door to its network. Needs to run on the node, as root. */
export async function processOf(uid: string): Promise<string> {
  // Control groups write the dashes of a uid as they like.
  const sign = new RegExp(uid.replaceAll('-', '[-_]'))
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    if (sign.test(await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => ''))) return pid
  }
  throw new Error(`No process runs in the pod ${uid}.`)
}

/** Runs a line of shell in the network of a process, as root, with the programs of busybox; gives what it prints. */
export async function inNetworkOf(pid: string, line: string): Promise<string> {
  return await run('nsenter', ['--target', pid, '--net', busyboxPath(), 'sh', '-c', line])
}

/** The link-local address that follows from a hardware address. */
export function linkLocalOf(hardware: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = hardware
    .split(':')
    .map((byte) => Number.parseInt(byte, 16))
  const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f]
  return `fe80::${groups.map((group) => group.toString(16)).join(':')}`
}
