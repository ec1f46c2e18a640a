/** A solve as the leaderboard sees it. */
export interface Scored {
  challengeId: string
  /** From when it counts. */
  at: Date
  award: number
}

export interface StandingPlayer {
  id: string
  slug: string
  name: string
  hidden: boolean
  /** Left the hunt: the row stays without a name. */
  left?: boolean
}

/** A player's place on the leaderboard. */
export interface Standing {
  rank: number
  slug: string
  name: string
  /** True for one who left the hunt, whose name is gone. */
  left?: true
  score: number
  /** Time of the last scoring solve, RFC 3339, or null. */
  lastSolveAt: string | null
  /** Challenge id to RFC 3339 time. */
  solved: Record<string, string>
}

interface Entry {
  player: StandingPlayer
  score: number
  last: number
  solves: Map<string, Scored>
}

/** Ties share no rank: points descending, then the earlier last scoring solve, then the name, then the slug. */
function compare(a: Entry, b: Entry): number {
  return (
    b.score - a.score ||
    a.last - b.last ||
    (a.player.name < b.player.name ? -1 : a.player.name > b.player.name ? 1 : 0) ||
    (a.player.slug < b.player.slug ? -1 : 1)
  )
}

/**
 * The leaderboard's order, kept sorted. Moving one player costs a binary search and one array splice,
 * whatever the number of players; ranks are positions, so nothing else has to be touched.
 */
export interface Standings {
  /** Adds or renames a player, or hides one (a hidden player keeps solves and has no place). */
  put(player: StandingPlayer): void
  /** Forgets a solve's earlier value and takes this one; false when the player is unknown. */
  solve(playerId: string, solve: Scored): boolean
  remove(playerId: string): void
  readonly total: number
  /** 1-based, null for hidden and unknown players. */
  rankOf(playerId: string): number | null
  scoreOf(playerId: string): number
  rankOfSlug(slug: string): number | null
  /** Rows `from` (0-based) up to, not including, `to`. */
  rows(from: number, to: number): Standing[]
  /** First solver's slug of each challenge, among those who are not hidden. */
  first(): Record<string, string>
  /** How many of those not hidden solved each challenge. */
  solveCounts(): Record<string, number>
}

interface Table {
  entries: Map<string, Entry>
  /** Player's id by slug. */
  bySlug: Map<string, string>
  /** All who are not hidden, first place first. */
  order: Entry[]
  /** Who of them solved each challenge, and when. */
  solvers: Map<string, Map<string, number>>
}

export function createStandings(): Standings {
  const table: Table = { entries: new Map(), bySlug: new Map(), order: [], solvers: new Map() }
  const { entries, bySlug, order, solvers } = table
  return {
    put: (player) => putPlayer(table, player),
    solve: (playerId, solve) => putSolve(table, playerId, solve),
    remove: (playerId) => removePlayer(table, playerId),
    get total() {
      return order.length
    },
    rankOf(playerId) {
      const entry = entries.get(playerId)
      return entry && !entry.player.hidden ? position(order, entry) + 1 : null
    },
    scoreOf: (playerId) => entries.get(playerId)?.score ?? 0,
    rankOfSlug(slug) {
      const id = bySlug.get(slug)
      return id === undefined ? null : this.rankOf(id)
    },
    rows: (from, to) => order.slice(from, to).map((entry, index) => standingOf(entry, from + index + 1)),
    first: () => firstSolvers(table),
    solveCounts: () =>
      Object.fromEntries([...solvers].map(([challengeId, known]) => [challengeId, known.size])),
  }
}

function putPlayer(table: Table, player: StandingPlayer): void {
  const { entries, bySlug } = table
  const known = entries.get(player.id)
  if (known) take(table, known)
  const entry = known ?? { player, score: 0, last: Infinity, solves: new Map<string, Scored>() }
  entry.player = player
  entries.set(player.id, entry)
  bySlug.set(player.slug, player.id)
  place(table, entry)
  count(table, entry)
}

function putSolve(table: Table, playerId: string, solve: Scored): boolean {
  const entry = table.entries.get(playerId)
  if (!entry) return false
  take(table, entry)
  entry.solves.set(solve.challengeId, solve)
  const scoring = [...entry.solves.values()].filter((one) => one.award > 0)
  entry.score = scoring.reduce((sum, one) => sum + one.award, 0)
  entry.last = scoring.length === 0 ? Infinity : Math.max(...scoring.map((one) => one.at.getTime()))
  place(table, entry)
  count(table, entry)
  return true
}

function removePlayer(table: Table, playerId: string): void {
  const entry = table.entries.get(playerId)
  if (!entry) return
  take(table, entry)
  table.entries.delete(playerId)
  table.bySlug.delete(entry.player.slug)
  for (const known of table.solvers.values()) known.delete(playerId)
}

/** Where an entry stands, or would stand. */
function position(order: readonly Entry[], entry: Entry): number {
  let low = 0
  let high = order.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = order[middle]
    if (other !== undefined && compare(other, entry) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function take({ order }: Table, entry: Entry): void {
  if (!entry.player.hidden) order.splice(position(order, entry), 1)
}

function place({ order }: Table, entry: Entry): void {
  if (!entry.player.hidden) order.splice(position(order, entry), 0, entry)
}

function count({ solvers }: Table, entry: Entry): void {
  for (const solve of entry.solves.values()) {
    const known = solvers.get(solve.challengeId) ?? new Map<string, number>()
    solvers.set(solve.challengeId, known)
    if (entry.player.hidden) known.delete(entry.player.id)
    else known.set(entry.player.id, solve.at.getTime())
  }
}

function standingOf({ player, score, last, solves }: Entry, rank: number): Standing {
  return {
    rank,
    slug: player.slug,
    name: player.name,
    ...(player.left && { left: true as const }),
    score,
    lastSolveAt: Number.isFinite(last) ? new Date(last).toISOString() : null,
    solved: Object.fromEntries(
      [...solves.values()].map((solve) => [solve.challengeId, solve.at.toISOString()]),
    ),
  }
}

function firstSolvers({ entries, solvers }: Table): Record<string, string> {
  const first: Record<string, string> = {}
  for (const [challengeId, known] of solvers) {
    let best: [string, number] | undefined
    for (const [playerId, at] of known) if (!best || at < best[1]) best = [playerId, at]
    const slug = best && entries.get(best[0])?.player.slug
    if (slug !== undefined) first[challengeId] = slug
  }
  return first
}
