import { Command } from 'commander'
import { readConfig } from './config.ts'
import type { Board, OpenCluster } from './cli/board/open.ts'
import type { Terminal } from './cli/board/terminal.ts'
import type { Storage } from './compose.ts'
import type { BoardCluster } from './game/board-clusters.ts'
import { Fault } from './lib/errors.ts'
import { createLog } from './lib/log.ts'

interface OpenedBoard {
  board: Board
  open: OpenCluster
  clusters: BoardCluster[]
  terminal: Terminal
}

const format = ['--format <format>', 'text or json', 'text'] as const

/** The migrated database, for a verb that works beside a running server too. */
async function withStorage<T>(work: (storage: Storage) => Promise<T>, { share = true } = {}): Promise<T> {
  const { openStorage } = await import('./compose.ts')
  const config = readConfig()
  const storage = await openStorage(config, createLog('warn', process.stderr.isTTY, 2), { share })
  try {
    return await work(storage)
  } finally {
    await storage.close()
  }
}

/** Opens the clusters of board.yaml, as far as they can be; `work` tells whether all is well. */
async function onBoard(work: (board: OpenedBoard) => Promise<boolean>): Promise<void> {
  const [{ openEach, readBoard }, { openTerminal }, { openCluster }] = await Promise.all([
    import('./cli/board/open.ts'),
    import('./cli/board/terminal.ts'),
    import('./board/cluster/cluster.ts'),
  ])
  const log = createLog('warn', process.stderr.isTTY, 2)
  const board = await readBoard(readConfig())
  const open: OpenCluster = (options) => openCluster({ ...options, log })
  const clusters = await openEach(board, open)
  try {
    process.exitCode = (await work({ board, open, clusters, terminal: openTerminal() })) ? 0 : 1
  } finally {
    for (const { cluster } of clusters) cluster?.close()
  }
}

const program = new Command('shambhala')
  .description('A self-hosted DevOps treasure hunt.')
  .showHelpAfterError()

program
  .command('serve')
  .description('start the game server (with its embedded database, unless DATABASE_URL is set)')
  .action(async () =>
    (await import('./cli/serve.ts')).serve(readConfig(), (await import('./compose.ts')).compose),
  )
program
  .command('migrate')
  .description('bring the database up to this version, then stop')
  .action(() => withStorage(() => Promise.resolve()))
program
  .command('config')
  .description('print the settings in force, secrets masked')
  .option(...format)
  .option('--markdown', 'print the table of docs/configuration.md')
  .action(async (options: { format: string; markdown?: boolean }) =>
    (await import('./cli/config.ts')).printConfig(options),
  )
program
  .command('lint')
  .description('check a hunt’s files: schema, languages, unlocking, expressions')
  .argument('[folder]', 'the folder with hunt.yaml; CHALLENGES_DIR when not said')
  .option(...format)
  .action(async (folder: string | undefined, { format }: { format: string }) => {
    const [{ lint }, { loadChecks }] = await Promise.all([
      import('./cli/lint.ts'),
      import('./checks/index.ts'),
    ])
    const write = (text: string) => void process.stdout.write(text)
    const kinds = await loadChecks()
    process.exitCode = await lint({ folder: folder ?? readConfig().challengesDir, kinds, format, write })
  })
program
  .command('prove')
  .description(
    'prove every challenge solvable: the starter fails, the solution passes, each wrong way fails as it should',
  )
  .argument('[challenges...]', 'ids; all when not said')
  .option('--folder <folder>', 'the folder with hunt.yaml; CHALLENGES_DIR when not said')
  .option('--yes', 'run the scripts of a hunt that did not come with Shambhala without asking')
  .option(...format)
  .action(async (ids: string[], options: { folder?: string; yes?: boolean; format: string }) =>
    (await import('./cli/prove.ts')).prove(
      readConfig(),
      ids,
      options,
      (await import('./compose.ts')).compose,
    ),
  )
program
  .command('player')
  .description('list players, make links, make an organizer')
  .argument('<verb>', 'list | password-link | organizer | organizer-link')
  .argument('[name]', 'the player’s name or slug')
  .option(...format)
  .action((verb: string, name: string | undefined, options: { format: string }) =>
    withStorage(async ({ sql }) =>
      (await import('./cli/player.ts')).player(readConfig(), sql, verb, name, options.format),
    ),
  )
program
  .command('backup')
  .description('write database, repositories and secrets into one file')
  .argument('<file>', 'such as hunt.tar.gz')
  .action((file: string) =>
    withStorage(async (storage) => (await import('./cli/backup.ts')).backup(storage, file)),
  )
program
  .command('restore')
  .description('read a backup into an empty server')
  .argument('<file>', 'made by backup')
  .action((file: string) =>
    withStorage(
      async (storage) => (await import('./cli/backup.ts')).restore(storage, file, readConfig().masterSecret),
      { share: false },
    ),
  )

const board = program.command('board').description('look at, prepare and empty the clusters of the hunt')
const wait = [
  '--wait <seconds>',
  'how long namespaces may take to be gone',
  (text: string) => Number.parseInt(text, 10) || 0,
  180,
] as const
board
  .command('check')
  .description('tell of each cluster what works, what is missing and what is too much')
  .option(...format)
  .action((options: { format: string }) =>
    onBoard(async ({ clusters, terminal }) =>
      (await import('./cli/board/check.ts')).checkBoard(clusters, terminal, options.format),
    ),
  )
board
  .command('list')
  .description('list all workspaces, and namespaces that no workspace knows')
  .option(...format)
  .action((options: { format: string }) =>
    onBoard(async ({ board: { hunt }, clusters, terminal }) => {
      const { listWorkspaces } = await import('./cli/board/list.ts')
      await withStorage(({ sql }) => listWorkspaces({ sql, hunt, clusters }, terminal, options.format))
      return true
    }),
  )
board
  .command('sweep')
  .description('delete the namespaces of this hunt that no workspace knows')
  .option('--dry-run', 'list them only')
  .option(...wait)
  .action((options: { dryRun?: boolean; wait: number }) =>
    onBoard(async ({ board: { hunt }, clusters, terminal }) => {
      const { sweep } = await import('./cli/board/sweep.ts')
      return await withStorage(({ sql }) => sweep({ sql, hunt, clusters }, terminal, options))
    }),
  )

try {
  await program.parseAsync()
} catch (error) {
  // An operator's mistake is one line; anything else is ours and comes with its stack.
  console.error(error instanceof Fault ? error.message : error)
  process.exitCode = 1
}
