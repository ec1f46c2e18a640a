import { Store, type SessionData } from 'express-session'
import { deleteSession, insertSession, readSession, rewriteSession, touchSession } from '../../db/sessions.ts'
import type { Sql } from '../../db/client.ts'
import { jsonOf } from '../../db/json.ts'
import { sha256 } from '../../lib/secrets.ts'

declare module 'express-session' {
  interface SessionData {
    /** Set when it is read: the table had it. */
    stored?: true
  }
}

type Done<T = void> = (error?: unknown, value?: T) => void

function settle<T>(work: Promise<T>, done: Done<T> | undefined): void {
  work.then(
    (value) => done?.(null, value),
    (error: unknown) => done?.(error),
  )
}

/** Of one who is not logged in: long enough for what a form says next, and short for whoever sends many. */
const visitorMs = 3_600_000

function memberOf(session: SessionData): string | null {
  return (session as { passport?: { user?: string } }).passport?.user ?? null
}

/** Sessions in PostgreSQL. The table holds hashes: who reads it cannot log in as anybody. */
export class PostgresStore extends Store {
  private readonly touched = new Map<string, number>()
  /** Those that a request of this process has made and written. */
  private readonly made = new WeakSet<SessionData>()

  constructor(
    private readonly sql: Sql,
    private readonly days: number,
  ) {
    super()
  }

  override get(id: string, done: Done<SessionData | null>): void {
    const read = readSession(this.sql, sha256(id))
    settle(
      read.then((row) => (row ? this.renewed(row.data as SessionData) : null)),
      done,
    )
  }

  /** One that was there and has ended meanwhile, by a log-out or a new password, is not written anew. */
  override set(id: string, session: SessionData, done?: Done): void {
    const memberId = memberOf(session)
    const isKnown = session.stored === true || this.made.has(session)
    this.made.add(session)
    const row = {
      hash: sha256(id),
      memberId,
      data: jsonOf(session),
      expiresAt: this.expiry(memberId),
    }
    settle(isKnown ? rewriteSession(this.sql, row) : insertSession(this.sql, row), done)
  }

  override destroy(id: string, done?: Done): void {
    settle(deleteSession(this.sql, sha256(id)), done)
  }

  override touch(id: string, session: SessionData, done?: () => void): void {
    // Once an hour is enough to keep a used session alive.
    if (Date.now() - (this.touched.get(id) ?? 0) < 3_600_000) return done?.()
    if (this.touched.size > 10_000) this.touched.clear()
    this.touched.set(id, Date.now())
    settle(touchSession(this.sql, sha256(id), this.expiry(memberOf(session))), done)
  }

  /** For as many days as the setting says now, whatever it said at the log-in. */
  private renewed(data: SessionData): SessionData {
    data.stored = true
    data.cookie.originalMaxAge = this.days * 24 * 3_600_000
    return data
  }

  private expiry(memberId: string | null): Date {
    return new Date(Date.now() + (memberId === null ? visitorMs : this.days * 24 * 3_600_000))
  }
}
