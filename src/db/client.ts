import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import postgres from 'postgres'
import { readDatabaseUrl, type DatabaseUrl } from '../core/database-url.ts'
import { codeOf, Fault, reasonOf } from '../lib/errors.ts'
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
  const address = addressOf(url)
  return postgres({
    ...placeOf(address),
    ssl: tlsOf(address),
    ...(address.sessions && { target_session_attrs: address.sessions }),
    max,
    connect_timeout: address.connectTimeout ?? 10,
    idle_timeout: idle ?? 0,
    // A session that holds an advisory lock must not be recycled under its owner.
    max_lifetime: null,
    // A database that was away for a while is found again within a second of its return.
    backoff: (attempt) => Math.min(0.05 * 2 ** attempt, 1),
    connection: { application_name: name, TimeZone: 'UTC', ...address.session },
    // The driver's own `camel` also renames the keys inside jsonb.
    transform: { column: { from: postgres.toCamel, to: postgres.fromCamel } },
    onnotice: (notice) => log.debug({ notice: notice['message'] }, 'the database remarks'),
  })
}

/** Throws a `Fault` where it cannot be followed. */
export function addressOf(url: string): DatabaseUrl {
  const address = readDatabaseUrl(url)
  if ('fault' in address) throw new Fault(`DATABASE_URL: ${address.fault}.`)
  return address
}

function placeOf({ places, user, password, database }: DatabaseUrl) {
  const folder = socketFolderOf(places)
  return {
    // Lists, which its types do not know: the driver cuts a text at its colons, of which an address of IPv6 has many.
    host: places.map(({ host }) => host) as unknown as string,
    port: places.map(({ port }) => port) as unknown as number,
    ...(folder !== null && { path: `${folder}/.s.PGSQL.${places[0]?.port}` }),
    ...(user !== null && { user }),
    ...(password !== null && { password }),
    ...(database !== null && { database }),
  }
}

function socketFolderOf([first]: DatabaseUrl['places']): string | null {
  return first?.host.startsWith('/') ? first.host : null
}

function tlsOf({ places, tls }: DatabaseUrl): false | 'prefer' | object {
  const { mode, authority, certificate, key, keyPassword } = tls
  if (mode === 'disable' || socketFolderOf(places) !== null) return false
  const own = {
    ...(certificate !== null && { cert: pem('sslcert', certificate) }),
    ...(key !== null && { key: pem('sslkey', key) }),
    ...(keyPassword !== null && { passphrase: keyPassword }),
  }
  if (mode === 'prefer' && Object.keys(own).length === 0) return 'prefer'
  if (mode === 'prefer' || mode === 'require') return { ...own, rejectUnauthorized: false }
  return {
    ...own,
    // The driver names the host that it calls, but no address, which a certificate is held against as well.
    ...(isIP(places[0]?.host ?? '') !== 0 && { host: places[0]?.host }),
    ...(authority !== null && { ca: pem('sslrootcert', authority) }),
    ...(mode === 'ca' && { checkServerIdentity: () => undefined }),
  }
}

function pem(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Fault(`DATABASE_URL: the file of ${parameter} cannot be read (${reasonOf(error)}).`)
  }
}

/** What the driver, the system and PostgreSQL say where no query can be asked; the query itself is not to blame. */
const away =
  /^(CONNECTION_(CLOSED|ENDED|DESTROYED)|CONNECT_TIMEOUT|ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|08...|57P0[123]|53300)$/

/** Whether the database could not be reached, so that whatever is asked next fails too. */
export function isAway(error: unknown): boolean {
  return away.test(codeOf(error))
}
