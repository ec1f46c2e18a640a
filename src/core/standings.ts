/** A solve as the leaderboard sees it. */
export interface Scored {
  challengeId: string
  /** When its submission was received. */
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

export function createStandings(): Standings {
  const entries = new Map<string, Entry>()
  const bySlug = new Map<string, string>()
  const order: Entry[] = []
  const solvers = new Map<string, Map<string, number>>()

  const position = (entry: Entry): number => {
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
  const take = (entry: Entry) => {
    if (!entry.player.hidden) order.splice(position(entry), 1)
  }
  const place = (entry: Entry) => {
    if (!entry.player.hidden) order.splice(position(entry), 0, entry)
  }
  const count = (entry: Entry) => {
    for (const solve of entry.solves.values()) {
      const known = solvers.get(solve.challengeId) ?? new Map<string, number>()
      solvers.set(solve.challengeId, known)
      if (entry.player.hidden) known.delete(entry.player.id)
      else known.set(entry.player.id, solve.at.getTime())
    }
  }

  return {
    put(player) {
      const known = entries.get(player.id)
      if (known) take(known)
      const entry = known ?? { player, score: 0, last: Infinity, solves: new Map<string, Scored>() }
      entry.player = player
      entries.set(player.id, entry)
      bySlug.set(player.slug, player.id)
      place(entry)
      count(entry)
    },
    solve(playerId, solve) {
      const entry = entries.get(playerId)
      if (!entry) return false
      take(entry)
      entry.solves.set(solve.challengeId, solve)
      const scoring = [...entry.solves.values()].filter((one) => one.award > 0)
      entry.score = scoring.reduce((sum, one) => sum + one.award, 0)
      entry.last = scoring.length === 0 ? Infinity : Math.max(...scoring.map((one) => one.at.getTime()))
      place(entry)
      count(entry)
      return true
    },
    remove(playerId) {
      const entry = entries.get(playerId)
      if (!entry) return
      take(entry)
      entries.delete(playerId)
      bySlug.delete(entry.player.slug)
      for (const known of solvers.values()) known.delete(playerId)
    },
    get total() {
      return order.length
    },
    rankOf(playerId) {
      const entry = entries.get(playerId)
      return entry && !entry.player.hidden ? position(entry) + 1 : null
    },
    scoreOf: (playerId) => entries.get(playerId)?.score ?? 0,
    rankOfSlug(slug) {
      const id = bySlug.get(slug)
      return id === undefined ? null : this.rankOf(id)
    },
    rows(from, to) {
      return order.slice(from, to).map((entry, index) => ({
        rank: from + index + 1,
        slug: entry.player.slug,
        name: entry.player.name,
        ...(entry.player.left && { left: true as const }),
        score: entry.score,
        lastSolveAt: Number.isFinite(entry.last) ? new Date(entry.last).toISOString() : null,
        solved: Object.fromEntries(
          [...entry.solves.values()].map((solve) => [solve.challengeId, solve.at.toISOString()]),
        ),
      }))
    },
    first() {
      const first: Record<string, string> = {}
      for (const [challengeId, known] of solvers) {
        let best: [string, number] | undefined
        for (const [playerId, at] of known) if (!best || at < best[1]) best = [playerId, at]
        const slug = best && entries.get(best[0])?.player.slug
        if (slug !== undefined) first[challengeId] = slug
      }
      return first
    },
    solveCounts: () =>
      Object.fromEntries([...solvers].map(([challengeId, known]) => [challengeId, known.size])),
  }
}
