import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { endProcesses, removeCgroups, removeChains, unmountBelow } from './leftovers.ts'
import { forgetTraces, machine, readTraces, restoreSysctls } from './machine.ts'
import { run } from './run.ts'

/**
 * Puts the machine back as it was before the node, also when the run that started it was killed half-way: all that it needs to
 * know was written down before the first change. Safe to run again; does nothing where there was no node.
 */
export async function cleanNode(): Promise<void> {
  const traces = await readTraces()
  if (!traces) return
  await endProcesses(traces.dir)
  for (const folder of [traces.dir, traces.keep, ...traces.absent]) await unmountBelow(folder)
  await removeChains()
  await removeTable(machine.policyTable)
  for (const link of [machine.bridge, machine.link]) await removeLink(link)
  await removeCgroups()
  await restoreSysctls(traces.sysctls)
  await removeFiles([traces.dir, ...traces.absent])
  await forgetTraces()
}

async function removeTable(name: string): Promise<void> {
  const tables = await run('nft', ['list', 'tables', 'inet'])
  if (tables.split('\n').includes(`table inet ${name}`)) await run('nft', ['delete', 'table', 'inet', name])
}

async function removeLink(name: string): Promise<void> {
  const links = JSON.parse(await run('ip', ['-json', 'link', 'show'])) as { ifname: string }[]
  if (links.some((link) => link.ifname === name)) await run('ip', ['link', 'delete', name])
}

async function removeFiles(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
  // Where the folder was there before, only what the plugins noted about our network goes.
  const results = '/var/lib/cni/results'
  const noted = await readdir(results).catch(() => [])
  for (const name of noted.filter((one) => one.startsWith(`${machine.network}-`)))
    await rm(join(results, name), { force: true })
}
