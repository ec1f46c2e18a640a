import type { Database } from './client.ts'

/** An advisory lock that PostgreSQL gives back when this process is gone. */
export interface HeldLock {
  held(): boolean
  release(): void
}

const watchMs = 5_000

/** null while another session holds it. */
export async function tryLock(sql: Database, key: number): Promise<HeldLock | null> {
  const connection = await sql.reserve()
  const [row] = await connection<[{ taken: boolean }]>`select pg_try_advisory_lock(${key}) as taken`.catch(
    (error: unknown) => {
      connection.release()
      throw error
    },
  )
  if (!row.taken) {
    connection.release()
    return null
  }
  let held = true
  const watch = setInterval(() => {
    connection`select 1`.catch(() => {
      held = false
      clearInterval(watch)
    })
  }, watchMs).unref()
  return {
    held: () => held,
    release() {
      clearInterval(watch)
      if (!held) return
      held = false
      // A pooled connection keeps its session: the lock must go before it does.
      connection`select pg_advisory_unlock(${key})`.catch(() => undefined).finally(() => connection.release())
    },
  }
}
