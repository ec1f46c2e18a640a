import { Command, InvalidArgumentError } from 'commander'
import { readConfig, type Config } from '../config.ts'
import type { Database } from '../db/client.ts'
import type { Ours } from '../game/workspaces/found-namespaces.ts'
import type { InstallOptions } from './board/install.ts'
import type { Board, OpenCluster } from './board/open.ts'
import type { Terminal } from './board/terminal.ts'
import type { OpenRegistry, WithStorage } from './registry/open.ts'
import type { BoardCluster } from '../game/clusters.ts'

interface Opened {
  board: Board
  clusters: BoardCluster[]
  terminal: Terminal
}

/** With the database, which knows what this server is called. */
interface Served extends Omit<Opened, 'board'> {
  sql: Database
  ours: Ours
}

const format = ['--format <format>', 'text or json', 'text'] as const
const wait = ['--wait <seconds>', 'how long namespaces may take to be gone', secondsIn, 300] as const

type OnServer = (work: (served: Served) => Promise<boolean>) => Promise<void>

/** `board check | install | list | sweep | teardown`. The last three work beside a running server. */
export function boardCommand(
  withStorage: WithStorage,
  open: OpenCluster,
  openRegistry: OpenRegistry,
): Command {
  const onServer: OnServer = (work) =>
    onBoard(open, async ({ board: { hunt }, clusters, terminal }) => {
      const { oursOf } = await import('../game/workspaces/found-namespaces.ts')
      return await withStorage(async ({ sql, secret }) =>
        work({ sql, ours: await oursOf(sql, hunt, secret), clusters, terminal }),
      )
    })
  return new Command('board')
    .description('look at, prepare and empty the clusters of the hunt')
    .addCommand(checkCommand(withStorage, open, openRegistry))
    .addCommand(installCommand(open))
    .addCommand(listCommand(onServer))
    .addCommand(sweepCommand(onServer))
    .addCommand(teardownCommand(onServer))
}

function checkCommand(withStorage: WithStorage, open: OpenCluster, openRegistry: OpenRegistry): Command {
  return new Command('check')
    .description('tell of each cluster and of the registry what works, what is missing and what is too much')
    .option(...format)
    .action((options: { format: string }) => check(withStorage, { open, openRegistry }, options.format))
}

function installCommand(open: OpenCluster): Command {
  return new Command('install')
    .description('put roles and admission policies in place; shows the changes and asks first')
    .argument('[cluster]', 'its name in board.yaml; all when not said')
    .option('--kubeconfig <file>', 'an administrator’s kubeconfig, instead of the one in board.yaml')
    .option('--context <name>', 'its context; the current one when not said')
    .option('--write <file>', 'write a kubeconfig for the master’s own account')
    .option('--yes', 'change it without being asked')
    .action((name: string | undefined, options: InstallOptions) => install(open, name, options))
}

function listCommand(onServer: OnServer): Command {
  return new Command('list')
    .description('list all workspaces, and namespaces that no workspace knows')
    .option(...format)
    .action((options: { format: string }) =>
      onServer(async ({ sql, ours, clusters, terminal }) => {
        const { listWorkspaces } = await import('./board/list.ts')
        await listWorkspaces({ sql, ours, clusters }, terminal, options.format)
        return true
      }),
    )
}

function sweepCommand(onServer: OnServer): Command {
  return new Command('sweep')
    .description('delete the namespaces of this server that no workspace knows')
    .option('--dry-run', 'list them only')
    .option('--foreign', 'also those of another server that runs this hunt')
    .option(...wait)
    .action((options: { dryRun?: boolean; foreign?: boolean; wait: number }) =>
      onServer(async ({ sql, ours, clusters, terminal }) => {
        const { sweep } = await import('./board/sweep.ts')
        return await sweep({ sql, ours, clusters }, terminal, options)
      }),
    )
}

function teardownCommand(onServer: OnServer): Command {
  return new Command('teardown')
    .description('delete all namespaces of the hunt on this server; ends with a receipt')
    .option('--yes', 'delete them without being asked')
    .option(...wait)
    .action((options: { yes?: boolean; wait: number }) =>
      onServer(async ({ sql, ours, clusters, terminal }) => {
        const { teardown } = await import('./board/teardown.ts')
        return await teardown({ sql, ours, clusters }, terminal, options)
      }),
    )
}

/** The one verb that has something to do without a cluster. */
async function check(
  withStorage: WithStorage,
  { open, openRegistry }: { open: OpenCluster; openRegistry: OpenRegistry },
  format: string,
): Promise<void> {
  const [{ checkBoard }, { checkRegistry }, { readAnyBoard }] = await Promise.all([
    import('./board/check.ts'),
    import('./board/registry.ts'),
    import('./board/open.ts'),
  ])
  const { baseUrl } = readConfig()
  await onBoard(
    open,
    ({ board, clusters, terminal }) => {
      const registry = checkRegistry(board, { withStorage, open: openRegistry, baseUrl })
      return checkBoard({ clusters, registry }, terminal, format)
    },
    readAnyBoard,
  )
}

/** Opens the clusters of board.yaml, as far as they can be; `work` tells whether all is well. */
async function onBoard(
  open: OpenCluster,
  work: (opened: Opened) => Promise<boolean>,
  read?: (config: Config) => Promise<Board>,
): Promise<void> {
  const [{ openEach, readBoard }, { openTerminal }] = await Promise.all([
    import('./board/open.ts'),
    import('./board/terminal.ts'),
  ])
  const board = await (read ?? readBoard)(readConfig())
  const clusters = await openEach(board, open)
  try {
    process.exitCode = (await work({ board, clusters, terminal: openTerminal() })) ? 0 : 1
  } finally {
    for (const { cluster } of clusters) cluster?.close()
  }
}

async function install(open: OpenCluster, name: string | undefined, options: InstallOptions): Promise<void> {
  const [{ readBoard }, { openTerminal }, { installBoard }] = await Promise.all([
    import('./board/open.ts'),
    import('./board/terminal.ts'),
    import('./board/install.ts'),
  ])
  await installBoard({ board: await readBoard(readConfig()), open }, openTerminal(), name, options)
}

function secondsIn(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('It takes whole seconds, such as 180.')
  return Number(text)
}
