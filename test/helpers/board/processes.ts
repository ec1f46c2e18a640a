import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { signalProcess } from '../../../src/lib/process.ts'
import { until } from '../until.ts'

export interface Started {
  name: string
  pid: number
  /** Start time of the process in clock ticks, so that a pid that was given out again is not taken for it. */
  since: string
}

/** Starts a program that outlives this process, with its output in `<dir>/<name>.log`. */
export async function startDetached(
  dir: string,
  name: string,
  [program, ...args]: [string, ...string[]],
  env: Record<string, string> = {},
): Promise<Started> {
  const log = openSync(join(dir, `${name}.log`), 'a')
  const child = spawn(program, args, {
    cwd: dir,
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'], HOME: dir, ...env },
  })
  closeSync(log)
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  child.unref()
  if (child.pid === undefined) throw new Error(`${name} did not start`)
  return { name, pid: child.pid, since: (await startOf(child.pid)) ?? '' }
}

/** Field 22 of /proc/PID/stat; null where there is no such process, or where it has ended and nobody has asked why. */
async function startOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (stat === null) return null
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? null : (fields[19] ?? null)
}

export async function isRunning({ pid, since }: Started): Promise<boolean> {
  return (await startOf(pid)) === since
}

/** Asks all to end, the last started first, and ends by force who is still there after `graceMs`. */
export async function stopAll(started: readonly Started[], graceMs = 5000): Promise<void> {
  for (const one of started.toReversed()) if (await isRunning(one)) signalProcess(one.pid, 'SIGTERM')
  const end = Date.now() + graceMs
  for (const one of started.toReversed()) {
    while (await isRunning(one)) {
      if (Date.now() > end) signalProcess(one.pid, 'SIGKILL')
      await sleep(20)
    }
  }
}

/** Tries until `ready` answers true; throws with the end of a log when the process has ended or the time is up. */
export async function waitFor(
  what: string,
  ready: () => Promise<boolean>,
  { process: watched, dir, seconds = 60 }: { process?: Started; dir: string; seconds?: number },
): Promise<void> {
  const isReady = async () => {
    if (await ready().catch(() => false)) return true
    if (watched && !(await isRunning(watched))) throw new Error(`${what}: the process has ended`)
    return false
  }
  await until(what, seconds, isReady).catch(async (error: unknown) => {
    const log = watched ? await readFile(join(dir, `${watched.name}.log`), 'utf8').catch(() => '') : ''
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${log.slice(-2000)}`)
  })
}

/** What runs, in a file, so that a later run can stop it. */
export async function remember(dir: string, state: unknown): Promise<void> {
  await writeFile(join(dir, 'state.json'), JSON.stringify(state, null, 2))
}
