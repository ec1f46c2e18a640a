import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createTwoFilesPatch } from 'diff'
import { parse } from 'yaml'
import type { Cluster, PlannedChange } from '../../board/cluster/types.ts'
import type { ClusterSettings } from '../../core/board-file.ts'
import { Fault, reasonOf } from '../../lib/errors.ts'
import type { Board, OpenCluster } from './open.ts'
import type { Terminal } from './terminal.ts'

export interface InstallOptions {
  /** An administrator's, instead of the master's own, which may not be there yet. */
  kubeconfig?: string
  context?: string
  /** Where to write the master's kubeconfig. */
  write?: string
  yes?: boolean
}

/** `board install`: shows what would change in the clusters, asks, and changes it. `name`: one cluster; all when not said. */
export async function installBoard(
  { board, open }: { board: Board; open: OpenCluster },
  terminal: Terminal,
  name: string | undefined,
  options: InstallOptions,
): Promise<void> {
  const chosen = choose(board, name)
  if (chosen.length > 1 && (options.kubeconfig ?? options.context ?? options.write) !== undefined)
    throw new Fault(`Name the cluster that this is about: ${chosen.map((one) => one.name).join(', ')}.`)
  for (const settings of chosen) {
    const cluster = await open({
      settings: withAccess(settings, options),
      file: board.file,
      resolvePath: board.resolvePath,
    })
    try {
      await installOne(cluster, terminal, options)
    } catch (error) {
      throw clusterFault(settings.name, error)
    } finally {
      cluster.close()
    }
  }
}

function choose({ file }: Board, name: string | undefined): ClusterSettings[] {
  if (name === undefined) return file.clusters
  const one = file.clusters.find((settings) => settings.name === name)
  if (one) return [one]
  const names = file.clusters.map((settings) => settings.name).join(', ')
  throw new Fault(`board.yaml has no cluster ${JSON.stringify(name)}; there are: ${names}.`)
}

/** A path on the command line counts from where it is typed, and its context is its own. */
function withAccess(settings: ClusterSettings, { kubeconfig, context }: InstallOptions): ClusterSettings {
  const { context: own, ...rest } = settings
  const chosen = context ?? (kubeconfig === undefined ? own : undefined)
  return {
    ...rest,
    ...(kubeconfig !== undefined && { kubeconfig: resolve(kubeconfig), inCluster: false }),
    ...(chosen !== undefined && { context: chosen }),
  }
}

async function installOne(
  cluster: Cluster,
  { say, ask }: Terminal,
  { yes = false, write }: InstallOptions,
): Promise<void> {
  const plan = await cluster.plan()
  const open = plan.filter(({ change }) => change !== 'same')
  for (const change of open) say(patchOf(change))
  const count = (kind: PlannedChange['change']) => plan.filter(({ change }) => change === kind).length
  say(
    `cluster ${cluster.name}: ${count('new')} new, ${count('changed')} changed, ${count('same')} as they are`,
  )
  if (open.length > 0) {
    if (!yes) await consent(cluster.name, ask)
    await cluster.install()
    say(`cluster ${cluster.name}: roles and admission policies are in place`)
  }
  if (write !== undefined) await writeAccess(cluster, write, say)
}

function patchOf({ name, before, after, change }: PlannedChange): string {
  const old = change === 'new' ? '/dev/null' : name
  return createTwoFilesPatch(old, name, before, after, undefined, undefined, { context: 3 }).trimEnd()
}

async function consent(cluster: string, ask: Terminal['ask']): Promise<void> {
  if (!ask) throw new Fault('Nothing was changed: add --yes to change it without being asked.')
  if (!/^y(es)?$/i.test(await ask(`Change cluster ${cluster}? [y/N] `)))
    throw new Fault('Nothing was changed.')
}

/** The account's kubeconfig replaces an earlier one of itself, and nobody else's. */
async function writeAccess(cluster: Cluster, file: string, say: Terminal['say']): Promise<void> {
  const { text, expiresAt } = await cluster.masterKubeconfig()
  const there = await readFile(file, 'utf8').catch(() => null)
  if (there !== null && contextOf(there) !== contextOf(text))
    throw new Fault(`${file} is there already and is not the master’s kubeconfig: name another file.`)
  const fresh = `${file}.new`
  try {
    await writeFile(fresh, text, { mode: 0o600 })
    await chmod(fresh, 0o600)
    await rename(fresh, file)
  } catch (error) {
    await rm(fresh, { force: true })
    throw new Fault(`${file} cannot be written: ${reasonOf(error)}`)
  }
  say(`${file}: the master’s kubeconfig, valid until ${expiresAt.toISOString()}; write it anew before`)
}

function contextOf(kubeconfig: string): unknown {
  try {
    const value: unknown = parse(kubeconfig)
    return typeof value === 'object' && value !== null && 'current-context' in value
      ? value['current-context']
      : null
  } catch {
    return null
  }
}

/** What the API server or the way to it refuses is the operator's to mend: one line. */
function clusterFault(name: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Fault) return error
  if (error.name === 'ApiFailure')
    return new Fault(
      `cluster ${name} refuses: ${error.message}. An administrator’s kubeconfig is needed: name it by --kubeconfig.`,
    )
  return error.name === 'Inconclusive' ? new Fault(error.message) : error
}
