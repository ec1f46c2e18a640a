import { existsSync } from 'node:fs'
import { readdir, readFile, readlink, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { signalProcess } from '../../../src/lib/process.ts'
import { until } from '../until.ts'
import { run } from './run.ts'

const cgroups = '/sys/fs/cgroup'

/** The folders `kubepods` that a kubelet makes: one for each hierarchy with cgroups v1, a single one with v2. */
export async function cgroupsOfPods(): Promise<string[]> {
  const entries = await readdir(cgroups, { withFileTypes: true }).catch(() => [])
  const hierarchies = entries.filter((entry) => entry.isDirectory()).map((entry) => join(cgroups, entry.name))
  return [cgroups, ...hierarchies]
    .map((folder) => join(folder, 'kubepods'))
    .filter((path) => existsSync(path))
}

/** Ends what was started with a working folder below `dir` (that is how all programs of a node are), and what runs in pods. */
export async function endProcesses(dir: string): Promise<void> {
  const endThem = async () => {
    const left = [...(await processesBelow(dir)), ...(await processesOfPods())]
    for (const pid of left) signalProcess(pid, 'SIGKILL')
    return left
  }
  await until('processes to end', 20, endThem, (left) => left.length === 0)
}

async function processesBelow(dir: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '')
      return folder === dir || folder.startsWith(`${dir}/`) ? [pid] : []
    }),
  )
  return found.flat()
}

async function processesOfPods(): Promise<number[]> {
  const pids = new Set<number>()
  for (const root of await cgroupsOfPods())
    for (const folder of await foldersBelow(root)) {
      const text = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '')
      for (const line of text.split('\n')) if (line !== '') pids.add(Number(line))
    }
  return [...pids]
}

/** Deepest first, `root` itself last. */
async function foldersBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => [])
  const inner = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => foldersBelow(join(root, entry.name)))
  return [...(await Promise.all(inner)).flat(), root]
}

/** Once nothing runs in them. The kernel may hold an empty one for some moments more. */
export async function removeCgroups(): Promise<void> {
  const end = Date.now() + 5_000
  for (const root of await cgroupsOfPods())
    for (const folder of await foldersBelow(root))
      while (!(await isRemoved(folder, Date.now() > end))) await sleep(50)
}

async function isRemoved(folder: string, last: boolean): Promise<boolean> {
  try {
    await rmdir(folder)
  } catch (error) {
    if (last) throw error
  }
  return !existsSync(folder)
}

export async function unmountBelow(dir: string): Promise<void> {
  for (const point of (await mountsBelow(dir)).toReversed())
    await run('umount', [point]).catch(async () => {
      if ((await mountsBelow(point)).length > 0) await run('umount', ['--lazy', point])
    })
  const left = await mountsBelow(dir)
  if (left.length > 0) throw new Error(`Still mounted: ${left.join(', ')}`)
}

/** Mount points in the order in which they were mounted. */
async function mountsBelow(dir: string): Promise<string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')
  const points = lines.flatMap((line) => line.split(' ')[4] ?? [])
  return points.filter((point) => point === dir || point.startsWith(`${dir}/`))
}

/** Takes the chains of kube-proxy, the kubelet and CNI plugins, and the jumps to them, out of each table in one step. */
export async function removeChains(): Promise<void> {
  for (const family of ['iptables', 'ip6tables'])
    for (const table of ['filter', 'nat', 'mangle']) {
      const rules = (await run(family, ['-t', table, '-S']).catch(() => '')).split('\n')
      const chains = rules.flatMap((rule) => /^-N ((?:KUBE|CNI)-\S+)$/.exec(rule)?.[1] ?? [])
      if (chains.length === 0) continue
      const jumps = rules.filter((rule) => /^-A (?!KUBE-|CNI-)\S+ .*-j (KUBE|CNI)-/.test(rule))
      const script = [
        `*${table}`,
        ...jumps.map((rule) => rule.replace(/^-A/, '-D')),
        ...chains.map((chain) => `-F ${chain}`),
        ...chains.map((chain) => `-X ${chain}`),
        'COMMIT\n',
      ]
      await run(`${family}-restore`, ['--noflush'], script.join('\n'))
    }
}
