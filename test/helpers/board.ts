import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive } from '../../src/lib/process.ts'
import { startControlPlane, type ControlPlane } from './board/control-plane.ts'
import { isRunning, remember, stopAll } from './board/processes.ts'
import { lacksControlPlane } from './board/tools.ts'

/**
 * Level one of the test board: a control plane without nodes, shared by all files and runs, as the test database is. It
 * stays up between files and holds nobody's event loop; `node --import tsx test/helpers/board.ts --stop` ends and removes it.
 */
export async function openBoard(): Promise<ControlPlane> {
  const dir = boardFolder()
  await mkdir(dir, { recursive: true })
  return await withLock(join(dir, 'lock'), async () => {
    const running = await readState(dir)
    if (running && (await allRun(running))) return running
    await stopBoard()
    const fresh = join(dir, randomBytes(4).toString('hex'))
    await mkdir(fresh, { recursive: true })
    const board = await startControlPlane(fresh)
    await remember(dir, board)
    return board
  })
}

export const lacksBoard = lacksControlPlane

function boardFolder(): string {
  return join(tmpdir(), `shambhala-board-${userInfo().username}`)
}

async function readState(dir: string): Promise<ControlPlane | null> {
  const text = await readFile(join(dir, 'state.json'), 'utf8').catch(() => null)
  return text === null ? null : (JSON.parse(text) as ControlPlane)
}

async function allRun(board: ControlPlane): Promise<boolean> {
  const states = await Promise.all(board.processes.map((one) => isRunning(one)))
  return states.every((state) => state)
}

/** Ends whatever an earlier run has left, too. */
export async function stopBoard(): Promise<void> {
  const dir = boardFolder()
  const left = await readState(dir)
  if (!left) return
  await stopAll(left.processes)
  await rm(join(dir, 'state.json'), { force: true })
  await rm(join(left.keys, '..'), { recursive: true, force: true })
}

/** One process at a time; a lock whose holder is gone is broken. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const taken = await writeFile(path, String(process.pid), { flag: 'wx' }).then(
      () => true,
      () => false,
    )
    if (taken) break
    const holder = Number(await readFile(path, 'utf8').catch(() => ''))
    if (holder > 0 && !isAlive(holder)) await rm(path, { force: true })
    await sleep(100)
  }
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

if (process.argv[1] === import.meta.filename && process.argv.includes('--stop')) await stopBoard()
