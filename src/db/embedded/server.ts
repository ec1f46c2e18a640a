import { once } from 'node:events'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '../../lib/errors.ts'
import type { Log } from '../../lib/log.ts'
import { signalProcess, startService } from '../../lib/process.ts'
import type { Binaries } from './binaries.ts'
import type { Cluster } from './cluster.ts'
import { databaseFault } from './faults.ts'
import { isServerOf, pidFileOf, readPidFile } from './pidfile.ts'
import { startAs } from './tool.ts'
import type { SystemUser } from './user.ts'

export interface Server {
  pid: number
  port: number
  /** It was running already. */
  adopted: boolean
}

export interface StartOptions {
  binaries: Binaries
  user: SystemUser | undefined
  /** Gives up durability for speed: for tests only. */
  fast: boolean
  /** Any free one when not said. */
  port?: number
}

const patienceMs = 120_000
const logBytes = 2 ** 20
/** What another start, a taken port or a crash leave behind for a moment. */
const passing = /lock file .* already exists|Address already in use|pre-existing shared memory block/

/** The running PostgreSQL of this cluster, started when there is none. */
export async function ensureServer(cluster: Cluster, options: StartOptions): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const running = await findServer(cluster)
    if (running) return running
    const { server, said } = await start(cluster, options)
    if (server) return server
    if (attempt === 20 || !passing.test(said)) throw databaseFault(said, cluster.home)
    await sleep(100 * attempt)
  }
}

/** One that lives on after its starter was killed; a pid file that nobody stands behind is cleared away. */
async function findServer(cluster: Cluster): Promise<Server | undefined> {
  const until = Date.now() + patienceMs
  for (;;) {
    const found = await readPidFile(cluster.folder)
    if (!found) return undefined
    const { pid, port, status } = found
    if (!(await isServerOf(cluster.folder, pid))) {
      await rm(pidFileOf(cluster.folder), { force: true })
      return undefined
    }
    if (status === 'ready') return { pid, port, adopted: true }
    if (Date.now() > until)
      throw new Fault(
        `PostgreSQL (process ${pid}) in ${cluster.home} is stuck while ${status}: end it with kill ${pid}.`,
      )
    await sleep(20)
  }
}

async function start(cluster: Cluster, options: StartOptions): Promise<{ server?: Server; said: string }> {
  const port = options.port ?? (await freePort())
  const { pid, ended: end, logStart } = await spawnServer(cluster, options, port)
  const ended = { yet: false }
  void end.then(() => (ended.yet = true))
  const until = Date.now() + patienceMs
  for (;;) {
    if (ended.yet) return { said: (await readFile(cluster.log)).subarray(logStart).toString() }
    const found = await readPidFile(cluster.folder)
    if (found && found.pid === pid && found.status === 'ready')
      return { server: { pid: found.pid, port, adopted: false }, said: '' }
    if (Date.now() > until) throw new Fault(`PostgreSQL is not ready after two minutes: see ${cluster.log}.`)
    await sleep(10)
  }
}

async function spawnServer(cluster: Cluster, { binaries, user, fast }: StartOptions, port: number) {
  const log = await openLog(cluster)
  try {
    const { size: logStart } = await log.stat()
    const args = ['-D', cluster.folder, '-p', String(port), ...settings(fast).flatMap((one) => ['-c', one])]
    // A session of its own: Ctrl-C in the terminal is for our server, which still has to drain.
    return { ...startService(binaries.postgres, args, { ...startAs(user), output: log.fd }), logStart }
  } finally {
    await log.close()
  }
}

async function openLog({ log, home }: Cluster) {
  try {
    const { size } = await stat(log).catch(() => ({ size: 0 }))
    if (size > logBytes) await rename(log, `${log}.1`)
    return await open(log, 'a', 0o600)
  } catch (error) {
    throw databaseFault(String(error), home)
  }
}

function settings(fast: boolean): string[] {
  return [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=100',
    'shared_buffers=64MB',
    'max_wal_size=256MB',
    'random_page_cost=1.1',
    'jit=off',
    'timezone=UTC',
    'log_timezone=UTC',
    // Refused statements are the caller's to tell, and would put players' words into a file.
    'log_min_messages=log',
    'log_checkpoints=off',
    ...(fast ? ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=300'] : []),
  ]
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return address.port
}

/** Ends sessions, writes everything down, and waits until the server is gone. */
export async function stopServer(cluster: Cluster, { pid }: Server, log: Log): Promise<void> {
  // Asked each time: the number of one that died by itself may be a stranger's by now.
  const gone = async () =>
    !(await isServerOf(cluster.folder, pid)) || (await readPidFile(cluster.folder))?.pid !== pid
  const until = Date.now() + patienceMs
  if (await gone()) return
  signalProcess(pid, 'SIGINT')
  while (!(await gone())) {
    if (Date.now() > until) {
      log.warn({ pid }, 'PostgreSQL does not stop; it is cut off and will recover at the next start')
      signalProcess(pid, 'SIGQUIT')
      return
    }
    await sleep(10)
  }
}
