import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { boardFile } from '../../src/core/board-file.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { testBudget } from './cluster.ts'
import { startGame, type TestGame } from './game.ts'

/**
 * The small hunt with all that answers requests. Its registry is away, since what is asked here is decided before anybody asks the
 * registry: whether a request can be read.
 */
export async function startOddGame(settings: Record<string, string> = {}): Promise<TestGame> {
  const folder = await mkdtemp(join(tmpdir(), 'shambhala-odd-'))
  const file = join(folder, 'board.yaml')
  const board = boardFile.parse({
    registry: { host: 'localhost:9', url: 'http://localhost:9', plainHttp: true },
    budgets: { default: testBudget },
    clusters: [],
  })
  await writeFile(file, stringify(board))
  const challenges = join(packageRoot(), 'test', 'fixtures', 'hunt-small')
  const game = await startGame({ challenges, settings: { BOARD_FILE: file, ...settings } })
  return {
    ...game,
    async close() {
      await game.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Values as they stand percent-encoded in an address or a form, each odd in its own way. */
export const oddValues: readonly string[] = [
  // What is no text, or is cut.
  ...['%00', 'a%00b', '%ED%A0%80', '%F0%9F', '%FF%FE', '%', '%E0%A4%A', '%u0041'],
  // What nobody sees, or turns a line around.
  ...['+', '%20%09', '%0D%0ASet-Cookie:%20a=b', '%EF%BB%BF', '%E2%80%AEabc', '%E3%85%A4%E3%85%A4', '%1B[31m'],
  // Too much, and too much in the middle of a character.
  ...['a'.repeat(9000), `${'a'.repeat(59)}${'%F0%9F%98%80'.repeat(3)}`, `${'a'.repeat(999)}%F0%9F%98%80`],
  // Numbers and times that are none, or far away.
  ...['-1', '-0', '0', '1e400', '99999999999999999999999', 'NaN', '0x10', '1.5'],
  ...['2027-02-31T10:00', '0000-01-01T00:00', '9999-12-31T23:59', '2B275760-09-13T00:00', '2027-13-01T00:00'],
  // What something else than this server would take for a command.
  ...["'+or+1=1--", '%3Cscript%3Ealert(1)%3C/script%3E', '%7B%7Bconstructor%7D%7D', '$t(refusal.left)'],
  ...[
    '..%2F..%2Fetc%2Fpasswd',
    '__proto__',
    'constructor',
    'toString',
    'null',
    '00000000-0000-0000-0000-000000000000',
  ],
]
