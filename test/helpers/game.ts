import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compose, type Master } from '../../src/compose.ts'
import { roles as allRoles, type Role } from '../../src/compose/roles.ts'
import { readConfig } from '../../src/config.ts'
import type { Game } from '../../src/game/game.ts'
import { register, type Registered } from '../../src/game/people/register.ts'
import { closeServer } from '../../src/lib/closing.ts'
import { createLog } from '../../src/lib/log.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { testDatabase, type TestDatabase } from './postgres.ts'

export interface TestGame {
  game: Game
  master: Master
  /** Where it listens, such as `http://localhost:41234`. */
  url: string
  database: TestDatabase
  dataDir: string
  register(name: string, language?: 'en' | 'fr'): Promise<Registered>
  /** Clone address with the credentials in it. */
  cloneUrl(player: Registered, repository: string): string
  close(): Promise<void>
}

export const password = 'correct horse battery'

/** The whole server on a database and a data folder of its own, listening on a free port. */
export async function startGame(
  options: { challenges?: string; settings?: Record<string, string>; roles?: readonly Role[] } = {},
): Promise<TestGame> {
  const { roles = allRoles } = options
  const database = await testDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'shambhala-game-'))
  const settings = {
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    CHALLENGES_DIR: options.challenges ?? join(packageRoot(), 'challenges'),
    LIMIT_ACCOUNT_PER_MINUTE: '10000',
    LIMIT_ADDRESS_PER_MINUTE: '100000',
    LIMIT_SUBMISSIONS_PER_MINUTE: '10000',
    LOG_LEVEL: process.env['TEST_LOG'] ?? 'silent',
    // A busy machine judges late, and what the terminal was told is looked at.
    PUSH_WAIT_SECONDS: '60',
    ...options.settings,
  }
  const config = readConfig(settings, dataDir)
  const master = await compose(config, createLog(config.logLevel, false), { roles })
  const server = createServer(master.app)
  server.on('checkContinue', master.app)
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const { port } = server.address() as AddressInfo
  return {
    game: master.game,
    master,
    url: `http://localhost:${port}`,
    database,
    dataDir,
    register: (name, language = 'en') => register(master.game, { name, password, language }),
    cloneUrl: (player, repository) =>
      `http://${player.slug}:${player.token}@localhost:${port}/git/${player.slug}/${repository}.git`,
    async close() {
      await closeServer(server, () => master.close())
      await database.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
