import type { Database, Sql } from './client.ts'

/*
 * Rows are locked in one order, so that no two transactions wait for each other: the hunt's row, then the player's, then the
 * member's, then whatever else is theirs (submissions, workspaces, pushes, tokens). Who locks or changes a row of a player
 * within a transaction of several statements calls `lockPlayer` first.
 */

/**
 * Every advisory lock by what it is for. Servers of other versions hold the same numbers: none is ever given to something else.
 */
export const locks = {
  /** One server uses an embedded database. */
  owner: 7_303,
  /** One process changes the schema. */
  migrations: 7_304,
  /** With a second number: a process that judges lives. */
  workers: 7_305,
  /** With 0: one workspace is given its cluster at a time. */
  placement: 7_306,
  /** One process watches the clusters. */
  clusterWatch: 7_307,
  /** One process reads the whole registry from time to time. */
  registryRounds: 7_308,
} as const
export type LockName = keyof typeof locks

/** An advisory lock that PostgreSQL gives back when this process is gone. */
export interface HeldLock {
  held(): boolean
  release(): void
}

type Connection = Awaited<ReturnType<Database['reserve']>>

const watchMs = 5_000

/** null while another session holds it. */
export async function tryLock(sql: Database, name: LockName): Promise<HeldLock | null> {
  const key = locks[name]
  const connection = await sql.reserve()
  const [row] = await connection<[{ taken: boolean }]>`select pg_try_advisory_lock(${key}) as taken`.catch(
    releaseAfter(connection),
  )
  if (row.taken) return held(connection, () => connection`select pg_advisory_unlock(${key})`)
  connection.release()
  return null
}

/** Shows other processes that the one with this key lives. */
export async function lockWorker(sql: Database, key: number): Promise<HeldLock> {
  const connection = await sql.reserve()
  await connection`select pg_advisory_lock(${locks.workers}, ${key})`.catch(releaseAfter(connection))
  return held(connection, () => connection`select pg_advisory_unlock(${locks.workers}, ${key})`)
}

/** Whether the process with this key has ended, or its connection has. */
export async function isWorkerGone(sql: Database, key: number): Promise<boolean> {
  return await sql.begin(async (transaction) => {
    const [row] = await transaction<
      [{ free: boolean }]
    >`select pg_try_advisory_xact_lock(${locks.workers}, ${key}) as free`
    return row.free
  })
}

/** Held until the transaction ends, by one at a time. */
export async function lockMigrations(sql: Sql): Promise<void> {
  await sql`select pg_advisory_xact_lock(${locks.migrations})`
}

/** Serializes placement, so that two do not take the last place. */
export async function lockPlacement(sql: Sql): Promise<void> {
  await sql`select pg_advisory_xact_lock(${locks.placement}, 0)`
}

function releaseAfter(connection: Connection): (error: unknown) => never {
  return (error) => {
    connection.release()
    throw error
  }
}

function held(connection: Connection, unlock: () => Promise<unknown>): HeldLock {
  let isHeld = true
  const watch = setInterval(() => {
    connection`select 1`.catch(() => {
      isHeld = false
      clearInterval(watch)
    })
  }, watchMs).unref()
  return {
    held: () => isHeld,
    release() {
      clearInterval(watch)
      if (!isHeld) return
      isHeld = false
      // A pooled connection keeps its session: the lock must go before it does.
      unlock()
        .catch(() => undefined)
        .finally(() => connection.release())
    },
  }
}
