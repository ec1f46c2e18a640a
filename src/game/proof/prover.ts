import type { Game } from '../game.ts'
import type { ProofPlayer } from './player.ts'

export interface ProofStep {
  challenge: string
  kind: 'starter' | 'solution' | 'neighbour' | 'wrong' | 'random' | 'lines' | 'board'
  /** What it was about, in words. */
  name: string
  ok: boolean
  /** Where it is not as it must be: what happened instead. */
  why?: string
  ms: number
}

export interface Prover {
  game: Game
  origin: string
  /** Two players, so that what passes for one by chance is seen. */
  players: readonly [ProofPlayer, ProofPlayer]
  /** Called as each step ends. */
  tell: (step: ProofStep) => void
  /** Ends the script that runs, and the proof with its reason. */
  stop: AbortSignal
}
