import { pick, type Language } from '../../core/text.ts'
import type { Game } from '../../game/game.ts'
import type { LandingPage } from '../models/entry.ts'
import type { LeaderboardModel } from '../models/leaderboard.ts'
import type { OwnStanding } from '../models/own.ts'
import { stageRef } from './stage.ts'
import type { MemberRow } from '../../db/members.ts'
import { wayToTheCity } from '../../core/unlock.ts'
import { partsOf } from '../../game/game.ts'

/** Rows `from` (0-based) up to `to`, from memory. */
export function leaderboardModel(
  game: Pick<Game, 'hunt' | 'leaderboard'>,
  language: Language,
  from: number,
  to: number,
): LeaderboardModel {
  const { leaderboard, hunt } = game
  return {
    stages: hunt.challenges.map((challenge) => ({
      ...stageRef(challenge, language),
      points: challenge.points,
    })),
    rows: leaderboard.standings.rows(from, to),
    first: leaderboard.standings.first(),
    total: leaderboard.standings.total,
    version: leaderboard.version,
  }
}

/** Those who solved every stage that the board can carry, first arrivals first. Among the best hundred, where they all are. */
export function reachedCity(game: Pick<Game, 'hunt' | 'board' | 'leaderboard'>): LandingPage['reachedCity'] {
  const needed = wayToTheCity(game.hunt.challenges, partsOf(game))
  if (needed.length === 0) return []
  return game.leaderboard.standings
    .rows(0, 100)
    .flatMap((row) => {
      const times = needed.map((challenge) => row.solved[challenge.id])
      return times.every((at) => at !== undefined) ? [{ name: row.name, at: times.sort().at(-1) ?? '' }] : []
    })
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .slice(0, 10)
}

/** One's own place. The rank stands still while the leaderboard is frozen; the score is one's own and goes on. */
export function ownStanding(
  game: Pick<Game, 'leaderboard'>,
  member: MemberRow & { playerId: string },
  score: number,
  solved: number,
): OwnStanding {
  const { standings } = game.leaderboard
  const rank = standings.rankOf(member.playerId)
  return {
    name: member.name,
    slug: member.slug ?? '',
    score,
    rank,
    total: standings.total,
    solved,
    hidden: rank === null,
  }
}

export function teaserOf(game: Pick<Game, 'hunt'>, language: Language): string {
  return pick(game.hunt.teaser, language)
}
