import type { Challenge } from './challenge.ts'
import type { Phase } from './window.ts'
import type { BoardPart } from './board-parts.ts'

export type ChallengeState = 'locked' | 'open' | 'solved' | 'unavailable' | 'scheduled' | 'retired'

/** What one player may do with one challenge. A solved challenge stays solved, whatever happens to the board. */
export function stateOf(
  challenge: Challenge,
  player: { solved: ReadonlySet<string>; phase: Phase; board: ReadonlySet<BoardPart> },
): ChallengeState {
  if (player.solved.has(challenge.id)) return 'solved'
  if (challenge.retired) return 'retired'
  if (challenge.needs.some((part) => !player.board.has(part))) return 'unavailable'
  if (player.phase === 'before') return 'scheduled'
  return missingOf(challenge, player.solved).length > 0 ? 'locked' : 'open'
}

/** The challenges that still have to be solved before this one opens. */
export function missingOf(challenge: Challenge, solved: ReadonlySet<string>): string[] {
  return challenge.after.filter((id) => !solved.has(id))
}

/** What has to be solved on this board to reach the city: every challenge that it can carry and that is not retired. */
export function wayToTheCity(challenges: readonly Challenge[], board: ReadonlySet<BoardPart>): Challenge[] {
  return challenges.filter(({ retired, needs }) => !retired && needs.every((part) => board.has(part)))
}
