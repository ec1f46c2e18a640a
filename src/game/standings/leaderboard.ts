import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { createStandings } from '../../core/standings.ts'
import { frozenAt } from '../../core/window.ts'
import type { Database } from '../../db/client.ts'
import { playerById, standingPlayers, type StandingRow } from '../../db/players.ts'
import { allSolves, solveOf, type SolveRow } from '../../db/solves.ts'
import type { Log } from '../../lib/log.ts'
import type { Bus, Publication, Prepared, Leaderboard, Settings } from '../types.ts'

export const pageSize = 100
/** Changes are gathered this long before they are published. */
const gatherMs = 250

export function createLeaderboard(deps: {
  sql: Database
  bus: Bus
  settings: Settings
  log: Log
}): Leaderboard {
  let standings = createStandings()
  let version = Date.now()
  let updatedAt = new Date()
  let timer: NodeJS.Timeout | undefined
  let freezeTimer: NodeJS.Timeout | undefined
  const moved = new Set<string>()
  const gone = new Set<string>()
  const cache = new Map<string, Prepared>()
  const listeners = new Set<(publication: Publication) => void>()

  const counts = (at: Date) => {
    const { freeze } = deps.settings.window
    return freeze === null || at < freeze || !frozenAt(deps.settings.window, new Date())
  }
  const toPlayer = (row: StandingRow) => ({
    id: row.id,
    slug: row.slug,
    name: row.name ?? 'left the hunt',
    hidden: row.hidden,
    left: row.name === null,
  })
  const toSolve = (row: SolveRow) => ({ challengeId: row.challengeId, at: row.solvedAt, award: row.award })

  const publish = () => {
    timer = undefined
    version += 1
    updatedAt = new Date()
    cache.clear()
    const rows = [...moved].flatMap((slug) => {
      const rank = standings.rankOfSlug(slug)
      return rank === null ? [] : standings.rows(rank - 1, rank)
    })
    const publication = { version, total: standings.total, rows, gone: [...gone], first: standings.first() }
    moved.clear()
    gone.clear()
    for (const listener of listeners) listener(publication)
  }
  const changed = (slug: string) => {
    moved.add(slug)
    timer ??= setTimeout(publish, gatherMs)
  }

  const armFreeze = () => {
    clearTimeout(freezeTimer)
    const boundaries = [deps.settings.window.freeze, deps.settings.window.start, deps.settings.window.end]
    const next = boundaries
      .flatMap((at) => (at && at > new Date() ? [at.getTime() - Date.now()] : []))
      .sort((a, b) => a - b)[0]
    // setTimeout holds at most 2^31 - 1 milliseconds; a later boundary is armed again from there.
    if (next !== undefined)
      freezeTimer = setTimeout(() => void rebuild(), Math.min(next + 20, 2_000_000_000)).unref()
  }

  const rebuild = async () => {
    const fresh = createStandings()
    for (const player of await standingPlayers(deps.sql)) fresh.put(toPlayer(player))
    for (const solve of await allSolves(deps.sql))
      if (counts(solve.solvedAt)) fresh.solve(solve.playerId, toSolve(solve))
    standings = fresh
    armFreeze()
    timer ??= setTimeout(publish, 0)
  }

  const applyPlayer = async (id: string) => {
    const row = await playerById(deps.sql, id)
    if (!row) return
    standings.put(toPlayer(row))
    if (row.hidden) gone.add(row.slug)
    changed(row.slug)
  }

  const absorb = async (playerId: string, challengeId: string) => {
    const solve = await solveOf(deps.sql, playerId, challengeId)
    if (!solve || !counts(solve.solvedAt) || !standings.solve(playerId, toSolve(solve))) return
    const rank = standings.rankOf(playerId)
    const [row] = rank === null ? [] : standings.rows(rank - 1, rank)
    if (row) changed(row.slug)
  }

  deps.bus.rebuild(rebuild)
  deps.bus.apply(async (note) => {
    if (note.kind === 'hunt') await rebuild()
    // The page carries the announcement.
    if (note.kind === 'announcement') timer ??= setTimeout(publish, 0)
    if (note.kind === 'player' && note.playerId) await applyPlayer(note.playerId)
    if (note.kind === 'solve' && note.playerId) await absorb(note.playerId, note.subject)
  })

  return {
    get version() {
      return version
    },
    get updatedAt() {
      return updatedAt
    },
    get standings() {
      return standings
    },
    frozen: () => deps.settings.frozen(),
    absorb,
    prepared(key, make) {
      const known = cache.get(key)
      if (known) return known
      const { type, body } = make()
      const plain = Buffer.from(body)
      const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 27)}"`
      const prepared = { type, etag, plain, gzip: gzipSync(plain, { level: 6 }) }
      // Keys come from query strings; what is asked for beyond this is simply made again.
      if (cache.size < 500) cache.set(key, prepared)
      return prepared
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    rebuild,
    close() {
      clearTimeout(timer)
      clearTimeout(freezeTimer)
    },
  }
}
