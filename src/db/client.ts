import postgres from 'postgres'
import type { Log } from '../lib/log.ts'

/** What a query runs on: the pool, one reserved connection, or an open transaction. */
export type Sql = postgres.ISql

/** The pool itself: the only one that can begin a transaction, listen, reserve or end. */
export type Database = postgres.Sql

export interface ConnectOptions {
  /** Connections at most; one more is opened by `listen`. */
  max?: number
  log: Log
  /** What `pg_stat_activity` shows. */
  name?: string
  /** Seconds after which an unused connection is closed; null keeps it. */
  idle?: number | null
}

/**
 * A lazy pool: the first query connects. Columns read as camelCase, the content of jsonb as it was stored;
 * bigint as string, timestamps as Date.
 */
export function connect(url: string, options: ConnectOptions): Database {
  const { max = 10, log, name = 'shambhala', idle = 60 } = options
  return postgres(url, {
    max,
    connect_timeout: 10,
    idle_timeout: idle ?? 0,
    // A session that holds an advisory lock must not be recycled under its owner.
    max_lifetime: null,
    // A database that was away for a while is found again within a second of its return.
    backoff: (attempt) => Math.min(0.05 * 2 ** attempt, 1),
    connection: { application_name: name, TimeZone: 'UTC' },
    // The driver's own `camel` also renames the keys inside jsonb.
    transform: { column: { from: postgres.toCamel, to: postgres.fromCamel } },
    onnotice: (notice) => log.debug({ notice: notice['message'] }, 'the database remarks'),
  })
}

/** What the driver, the system and PostgreSQL say where no query can be asked; the query itself is not to blame. */
const away =
  /^(CONNECTION_(CLOSED|ENDED|DESTROYED)|CONNECT_TIMEOUT|ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|08...|57P0[123]|53300)$/

/** Whether the database could not be reached, so that whatever is asked next fails too. */
export function isAway(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && away.test(error.code)
}
