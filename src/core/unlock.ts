import type { BoardPart, Challenge } from './challenge.ts'
import type { Phase } from './window.ts'

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
