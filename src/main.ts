import type { OpenCluster } from './cli/board/open.ts'
import type { openBoardRegistry } from './compose/board.ts'
import type { Storage } from './compose/storage.ts'
import { lackOfDescriptors } from './lib/descriptors.ts'
import { Fault } from './lib/errors.ts'
import { packageVersion } from './lib/root.ts'

const lack = lackOfDescriptors()
if (lack !== null) {
  console.error(lack)
  process.exit(1)
}
// Not before: what is imported in the usual way has been read before this file says anything.
const [{ Command }, { boardCommand }, { registryCommand }, { readConfig }, { createLog }] = await Promise.all(
  [
    import('commander'),
    import('./cli/board.ts'),
    import('./cli/registry.ts'),
    import('./config.ts'),
    import('./lib/log.ts'),
  ],
)

const format = ['--format <format>', 'text or json', 'text'] as const

/** The migrated database, for a verb that works beside a running server too. */
async function withStorage<T>(work: (storage: Storage) => Promise<T>, { share = true } = {}): Promise<T> {
  const { openStorage } = await import('./compose/storage.ts')
  const config = readConfig()
  const storage = await openStorage(config, createLog('warn', process.stderr.isTTY, 2), { share })
  try {
    return await work(storage)
  } finally {
    await storage.close()
  }
}

const openOne: OpenCluster = async (options) => {
  const { openCluster } = await import('./board/cluster/cluster.ts')
  return await openCluster({ ...options, log: createLog('warn', process.stderr.isTTY, 2) })
}

const openHunts = async (...given: Parameters<typeof openBoardRegistry>) => {
  const { openBoardRegistry } = await import('./compose/board.ts')
  return openBoardRegistry(...given)
}

const program = new Command('shambhala')
  .description('A self-hosted DevOps treasure hunt.')
  .version(packageVersion())
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
    const { challengesDir, boardFile: board } = readConfig()
    process.exitCode = await lint({ folder: folder ?? challengesDir, board, kinds, format, write })
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
    (await import('./cli/prove.ts')).prove(readConfig(), ids, options, {
      compose: (await import('./compose.ts')).compose,
      withStorage,
    }),
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
program.addCommand(boardCommand(withStorage, openOne, openHunts))
program.addCommand(registryCommand(withStorage, openHunts, openOne))

// Who reads no further, such as `head -1` or a terminal that is closed, has read enough: what is under way ends as it would, and
// says the rest to nobody.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'EIO') return
    process.exitCode = 1
    if (stream === process.stdout) console.error(`The output cannot be written: ${error.message}`)
  })

try {
  await program.parseAsync()
} catch (error) {
  // An operator's mistake is one line; anything else is ours and comes with its stack.
  console.error(error instanceof Fault ? error.message : error)
  process.exitCode = 1
}
