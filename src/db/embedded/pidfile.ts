import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive } from '../../lib/process.ts'
import { runAs } from './tool.ts'

export interface PidFile {
  pid: number
  port: number
  /** `starting`, `ready`, `stopping`, … */
  status: string
}

/** What PostgreSQL wrote about itself, or undefined when the file is absent or still half written. */
export async function readPidFile(cluster: string): Promise<PidFile | undefined> {
  const text = await readFile(pidFileOf(cluster), 'utf8').catch(() => '')
  const lines = text.split('\n')
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid < 2) return undefined
  return { pid, port: Number(lines[3] ?? 0), status: (lines[7] ?? '').trim() }
}

export function pidFileOf(cluster: string): string {
  return join(cluster, 'postmaster.pid')
}

/** Whether process `pid` is the PostgreSQL of this cluster, and not somebody who was given its number later. */
export async function isServerOf(cluster: string, pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false
  const command =
    (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)) ??
    (await runAs(undefined, 'ps', ['-o', 'args=', '-p', String(pid)])).output
  return command.includes(cluster)
}
