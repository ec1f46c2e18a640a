import type { Log } from '../../lib/log.ts'
import { connect, type Database } from '../client.ts'
import { locks } from '../locks.ts'

const watchMs = 5_000

export interface Ownership {
  /** After PostgreSQL was away. */
  retake(): Promise<void>
  release(): Promise<void>
}

/** Who holds it instead, as `process 4711`. */
export interface Taken {
  holder: string
}

/**
 * Makes this process the one that uses the database, until it ends in whatever way: a lock of a session, which dies
 * with its process.
 */
export async function takeOwnership(url: string, log: Log): Promise<Ownership | Taken> {
  const session = connect(url, { max: 1, log, name: `shambhala ${process.pid}`, idle: null })
  try {
    await session.begin(async (sql) => {
      // Whoever was killed a moment ago may need one to be noticed.
      await sql`set local lock_timeout = '1s'`
      await sql`select pg_advisory_lock(${locks.owner})`
    })
  } catch (error) {
    const holder = await holderOf(session).catch(() => undefined)
    await session.end({ timeout: 1 })
    if (holder === undefined) throw error
    return { holder }
  }
  // PostgreSQL ends every session when one of its processes dies; the lock is then taken again.
  const watch = setInterval(() => void retake(session, log), watchMs).unref()
  return {
    retake: () => retake(session, log),
    async release() {
      clearInterval(watch)
      await session.end({ timeout: 1 })
    },
  }
}

async function holderOf(session: Database): Promise<string | undefined> {
  const [row] = await session<{ name: string }[]>`
    select application_name as name from pg_locks join pg_stat_activity using (pid)
    where locktype = 'advisory' and objid = ${locks.owner} and granted`
  return row?.name.replace('shambhala', 'process')
}

async function retake(session: Database, log: Log): Promise<void> {
  try {
    await session`
      select pg_try_advisory_lock(${locks.owner}) where not exists (
        select from pg_locks where locktype = 'advisory' and objid = ${locks.owner} and pid = pg_backend_pid())`
  } catch (error) {
    log.warn({ err: error }, 'the database is away')
  }
}
