import type { Challenge } from '../../core/challenge.ts'
import { pick, type Language } from '../../core/text.ts'
import type { Game } from '../../game/game.ts'
import type { StageRef } from '../models/shell.ts'

export function stageRef(challenge: Challenge, language: Language): StageRef {
  return { id: challenge.id, order: challenge.order, title: pick(challenge.title, language) }
}

/** A stage by its id; one that the hunt no longer has is shown by its id. */
export function stageRefOf(game: Pick<Game, 'hunt'>, id: string, language: Language): StageRef {
  const challenge = game.hunt.challenges.find((one) => one.id === id)
  return challenge ? stageRef(challenge, language) : { id, order: 0, title: id }
}
