import { isIPv6 } from 'node:net'
import { atMost } from '../lib/deadline.ts'
import { codeOf, Fault, reasonOf } from '../lib/errors.ts'
import type { Log } from '../lib/log.ts'
import { addressOf, connect, type Database } from './client.ts'

const oldest = 14
/** Enough that one of them meets what another has used, in whatever order a pooler hands its sessions out. */
const sessionsTried = 5

/**
 * Looks at start whether a database that somebody else runs is one that this server can work with, and throws a `Fault` of one
 * sentence where it is not.
 */
export async function meetHosted(url: string, log: Log): Promise<void> {
  const { places, connectTimeout } = addressOf(url)
  const shown = places.map(({ host, port }) => `${isIPv6(host) ? `[${host}]` : host}:${port}`)
  const where = `the database at ${shown.join(', ')}`
  const sessions = Array.from({ length: sessionsTried }, () => connect(url, { max: 1, log }))
  const [first, ...others] = sessions
  if (!first) return
  const seconds = (connectTimeout ?? 10) + 5
  const inTime = async (work: Promise<void>, late: string) => {
    const done = await atMost(
      seconds * 1000,
      work.then(() => true),
    )
    if (done === undefined) throw new Fault(`DATABASE_URL: ${where} ${late}`)
  }
  try {
    // A server that hangs up before it has said a word is asked again by the driver, for ever.
    await inTime(
      checkVersion(first, where),
      `does not answer as PostgreSQL does within ${seconds} s: is it one, and does it speak TLS (sslmode=require), or none (sslmode=disable)?`,
    )
    await inTime(
      checkSessions(first, others, where),
      `gives this server fewer than ${sessionsTried} sessions at once; it needs about fifteen: raise the size of the pool.`,
    )
  } catch (error) {
    throw error instanceof Fault ? error : hostedFault(error, where)
  } finally {
    await Promise.all(sessions.map((sql) => sql.end({ timeout: 1 })))
  }
}

async function checkVersion(sql: Database, where: string): Promise<void> {
  const [row] = await sql<
    [{ version: number }]
  >`select current_setting('server_version_num')::int / 10000 as version`
  if (row.version < oldest)
    throw new Fault(`DATABASE_URL: ${where} is PostgreSQL ${row.version}; ${oldest} or later is needed.`)
}

async function checkSessions(first: Database, others: readonly Database[], where: string): Promise<void> {
  if (await sharesSessions(first, others))
    throw new Fault(
      `DATABASE_URL: ${where} is behind a pooler that hands its sessions around (PgBouncer with pool_mode = transaction, Supavisor, a host with “-pooler” in its name), and LISTEN, prepared statements and locks of a session get lost there: name PostgreSQL itself, or set pool_mode = session.`,
    )
}

const backend = async (sql: Pick<Database, 'unsafe'>): Promise<number> => {
  // Without a name, so that a pooler that knows no prepared statements gets as far as the answer.
  const [row] = await sql.unsafe<[{ pid: number }]>('select pg_backend_pid() as pid')
  return row.pid
}

/**
 * Whether two clients meet in one session of the server, or one finds itself in another than before: while others hold theirs in
 * a transaction, which is when a pooler cannot give them away.
 */
async function sharesSessions(first: Database, [last, ...holders]: readonly Database[]): Promise<boolean> {
  const before = await backend(first)
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  const transactions: Promise<void>[] = []
  const hold = (sql: Database) =>
    new Promise<number>((resolve, reject) => {
      const holding = sql.begin(async (transaction) => {
        resolve(await backend(transaction))
        await held
      })
      transactions.push(holding.catch(reject))
    })
  try {
    for (const sql of holders) if ((await hold(sql)) === before) return true
    return (await backend(first)) !== before || (last !== undefined && (await backend(last)) === before)
  } catch (error) {
    // A pooler that hands out single statements hangs up at a transaction.
    if (codeOf(error) === 'CONNECTION_CLOSED') return true
    throw error
  } finally {
    release()
    await Promise.all(transactions)
  }
}

const sayings: readonly [pattern: RegExp, say: (where: string, message: string) => string][] = [
  [
    /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOENT)$/,
    (where) => `${where} does not answer: is it running, and does this machine reach it?`,
  ],
  [
    /^(CONNECT_TIMEOUT|ETIMEDOUT)$/,
    (where) => `${where} does not answer in time: does a firewall stand in between?`,
  ],
  [/^(ENOTFOUND|EAI_AGAIN)$/, (where) => `the host of ${where} is not known to this machine`],
  [
    /^28/,
    (where) =>
      `${where} does not let this user in: are name and password right, and does it ask for TLS (sslmode=require)?`,
  ],
  [/^3D000$/, (where, message) => `${where} has no such database (${message})`],
  [
    /^42501$/,
    (where, message) =>
      `this user may not do enough in ${where} (${message}): make it the owner of the database`,
  ],
  [/^53300$/, (where) => `${where} takes no more connections: a server needs about fifteen`],
  [/^(57P0[123])$/, (where) => `${where} is starting or stopping: try again in a moment`],
  [
    /^08P01$/,
    (where, message) =>
      `${where}, or a pooler before it, does not take what the address asks for (${message})`,
  ],
  [/^(42704|22023)$/, (where, message) => `${where} does not know what the address asks for (${message})`],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|HOSTNAME|ALTNAME/,
    (where, message) =>
      `the certificate of ${where} is not one that is trusted (${message}): name its authority with sslrootcert=FILE`,
  ],
  [
    /^(ERR_SSL|ERR_TLS|EPROTO|ERR_OSSL)/,
    (where, message) =>
      `${where} does not speak TLS as it is asked to (${message}): try sslmode=disable where it is in your own network`,
  ],
  [
    /^(ECONNRESET|EPIPE|CONNECTION_(CLOSED|ENDED|DESTROYED))$/,
    (where) => `${where} hangs up: does it speak TLS (sslmode=require), or none (sslmode=disable)?`,
  ],
]

function hostedFault(error: unknown, where: string): Fault {
  const code = codeOf(error)
  const message = reasonOf(error).replace(/\s+/g, ' ').slice(0, 200)
  const [, say] = sayings.find(([pattern]) => pattern.test(code)) ?? []
  const said = say ? say(where, message) : `${where} cannot be used (${message})`
  return new Fault(`DATABASE_URL: ${said}.`.replace(/\?\.$/, '?'), { cause: error })
}
