import { pick, type Language } from '../../core/text.ts'
import { partsOf, type Game } from '../../game/game.ts'
import type { Progress } from '../../game/progress.ts'
import type { TrailModel } from '../models/map.ts'
import { stageRef } from './stage.ts'

export function trailModel(
  game: Pick<Game, 'hunt' | 'board' | 'leaderboard'>,
  progress: Progress,
  slug: string | null,
  language: Language,
): TrailModel {
  const solves = game.leaderboard.standings.solveCounts()
  const first = game.leaderboard.standings.first()
  const parts = partsOf(game)
  return {
    stages: game.hunt.challenges.map((challenge) => ({
      ...stageRef(challenge, language),
      teaser: pick(challenge.teaser, language),
      points: challenge.points,
      state: progress.states.get(challenge.id) ?? 'locked',
      after: challenge.after,
      lacks: challenge.needs.filter((part) => !parts.has(part)),
      solves: solves[challenge.id] ?? 0,
      solvedAt: progress.solves.get(challenge.id)?.solvedAt ?? null,
      first: slug !== null && first[challenge.id] === slug,
    })),
  }
}
