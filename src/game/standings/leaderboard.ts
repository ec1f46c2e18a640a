import { createStandings } from '../../core/standings.ts'
import { frozenAt } from '../../core/window.ts'
import type { Database } from '../../db/client.ts'
import { playerById, standingPlayers, type StandingRow } from '../../db/players.ts'
import { allSolves, solveOf, type SolveRow } from '../../db/solves.ts'
import type { Bus, Leaderboard, Settings } from '../types.ts'
import { createPreparedBodies } from './prepared.ts'
import { createPublisher } from './publisher.ts'

export const pageSize = 100
/** setTimeout holds at most 2^31 - 1 milliseconds; a later moment is armed again from there. */
const longestTimerMs = 2_000_000_000

interface LeaderboardDeps {
  sql: Database
  bus: Bus
  settings: Settings
}

export function createLeaderboard({ sql, bus, settings }: LeaderboardDeps): Leaderboard {
  let standings = createStandings()
  const bodies = createPreparedBodies()
  const publisher = createPublisher(
    () => standings,
    () => bodies.clear(),
  )

  const rebuild = async () => {
    const fresh = createStandings()
    for (const player of await standingPlayers(sql)) fresh.put(toPlayer(player))
    for (const solve of await allSolves(sql))
      if (isLetIn(settings, solve.solvedAt)) fresh.solve(solve.playerId, toSolve(solve))
    standings = fresh
    boundary.arm()
    publisher.publishNow()
  }
  const boundary = createBoundary({ bus, settings }, rebuild)
  const applyPlayer = async (id: string) => {
    const row = await playerById(sql, id)
    if (!row) return
    standings.put(toPlayer(row))
    if (row.hidden) publisher.left(row.slug)
    publisher.changed(row.slug)
  }
  const absorb = async (playerId: string, challengeId: string) => {
    const solve = await solveOf(sql, playerId, challengeId)
    if (!solve || !isLetIn(settings, solve.solvedAt) || !standings.solve(playerId, toSolve(solve))) return
    const rank = standings.rankOf(playerId)
    const [row] = rank === null ? [] : standings.rows(rank - 1, rank)
    if (row) publisher.changed(row.slug)
  }
  bus.rebuild(rebuild)
  bus.apply(async (note) => {
    if (note.kind === 'hunt') await rebuild()
    // The page carries the announcement.
    if (note.kind === 'announcement') publisher.publishNow()
    if (note.kind === 'player' && note.playerId) await applyPlayer(note.playerId)
    if (note.kind === 'solve' && note.playerId) await absorb(note.playerId, note.subject)
  })

  return {
    get version() {
      return publisher.version
    },
    get updatedAt() {
      return publisher.updatedAt
    },
    get standings() {
      return standings
    },
    frozen: () => settings.frozen(),
    absorb,
    prepared: (key, make) => bodies.of(key, make),
    subscribe: (listener) => publisher.subscribe(listener),
    rebuild,
    close() {
      publisher.close()
      boundary.close()
    },
  }
}

/** While the leaderboard stands still, what was solved after the freeze waits outside. */
function isLetIn({ window }: Settings, solvedAt: Date): boolean {
  return window.freeze === null || solvedAt < window.freeze || !frozenAt(window, new Date())
}

/** Does that work at each boundary of the window, between two notes. */
function createBoundary(
  { bus, settings }: Pick<LeaderboardDeps, 'bus' | 'settings'>,
  work: () => Promise<void>,
) {
  let timer: NodeJS.Timeout | undefined
  return {
    arm() {
      clearTimeout(timer)
      timer = atNextBoundary(settings, () => void bus.inOrder(work))
    },
    close: () => clearTimeout(timer),
  }
}

/** Calls back shortly after the hunt starts, freezes or ends, whichever comes next. */
function atNextBoundary({ window }: Settings, work: () => void): NodeJS.Timeout | undefined {
  const left = [window.freeze, window.start, window.end].flatMap((at) =>
    at && at > new Date() ? [at.getTime() - Date.now()] : [],
  )
  if (left.length === 0) return undefined
  return setTimeout(work, Math.min(Math.min(...left) + 20, longestTimerMs)).unref()
}

function toPlayer({ id, slug, name, hidden }: StandingRow) {
  return { id, slug, name: name ?? 'left the hunt', hidden, left: name === null }
}

function toSolve({ challengeId, solvedAt, award }: SolveRow) {
  return { challengeId, at: solvedAt, award }
}
