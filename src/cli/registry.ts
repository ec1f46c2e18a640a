import { Command } from 'commander'
import type { Registry } from '../board/registry/types.ts'
import { readConfig } from '../config.ts'
import { Fault } from '../lib/errors.ts'
import type { Board, OpenCluster } from './board/open.ts'
import type { ConfigOptions } from './registry/config.ts'
import type { OpenRegistry, Stored, WithStorage } from './registry/open.ts'

type OpenedRegistry = Stored & { board: Board; registry: Registry }
type OnRegistry = (work: (opened: OpenedRegistry) => Promise<boolean>) => Promise<void>

/** `registry config | load | collect`. All work beside a running server. */
export function registryCommand(
  withStorage: WithStorage,
  openRegistry: OpenRegistry,
  openCluster: OpenCluster,
): Command {
  const onRegistry: OnRegistry = async (work) => {
    const { readBoardFile } = await import('./board/open.ts')
    const board = await readBoardFile(readConfig())
    await withStorage(async (storage) => {
      const opened = await openRegistry(board, storage)
      if (!opened) throw new Fault('The board has no registry: name it in board.yaml.')
      try {
        process.exitCode = (await work({ ...storage, board, registry: opened })) ? 0 : 1
      } finally {
        opened.close()
      }
    })
  }
  return new Command('registry')
    .description('set up, fill and tidy the registry of the hunt')
    .addCommand(configCommand(onRegistry))
    .addCommand(loadCommand(onRegistry))
    .addCommand(collectCommand(onRegistry, openCluster))
}

function configCommand(onRegistry: OnRegistry): Command {
  return new Command('config')
    .description('write key set, certificate and configuration for CNCF Distribution 2.8 and 3')
    .argument('<folder>', 'where to write them')
    .option('--folder <path>', 'where they will lie on the registry’s machine; <folder> when not said')
    .option('--storage <path>', 'where the registry keeps its data', '/var/lib/registry')
    .option('--listen <address>', 'where the registry listens', ':5000')
    .option('--realm <url>', 'where clients reach this server; BASE_URL when not said')
    .option('--hook <url>', 'where the registry reaches this server; the realm when not said')
    .option('--renew', 'make one more key, which signs after the next start of this server')
    .action((folder: string, options: ConfigOptions) =>
      onRegistry(async (opened) => {
        const { writeConfiguration } = await import('./registry/config.ts')
        await writeConfiguration({ ...opened, baseUrl: readConfig().baseUrl }, folder, options, say)
        return true
      }),
    )
}

function loadCommand(onRegistry: OnRegistry): Command {
  return new Command('load')
    .description('push folders in the OCI image layout as hunt/NAME:TAG; needs no Internet')
    .argument('<folders...>', 'such as busybox, or busybox:1.36=/srv/images/box')
    .action((folders: string[]) =>
      onRegistry(async (opened) => {
        const { loadFolders } = await import('./registry/load.ts')
        await loadFolders(opened.registry, folders, say)
        return true
      }),
    )
}

function collectCommand(onRegistry: OnRegistry, openCluster: OpenCluster): Command {
  return new Command('collect')
    .description('delete images without a tag that no pod runs, and those of players who left')
    .option('--dry-run', 'list them only')
    .option('--foreign', 'also where no path is that of a player of this database')
    .action((options: { dryRun?: boolean; foreign?: boolean }) =>
      onRegistry(async ({ sql, board, registry }) => {
        const [{ collect }, { openEach }] = await Promise.all([
          import('./registry/collect.ts'),
          import('./board/open.ts'),
        ])
        const clusters = await openEach(board, openCluster)
        try {
          return await collect({ sql, registry, clusters }, options, say)
        } finally {
          for (const { cluster } of clusters) cluster?.close()
        }
      }),
    )
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
