import type { Language } from '../../../core/text.ts'
import { whoIsWhere } from '../../../db/desk.ts'
import type { Game } from '../../../game/game.ts'
import { stageRef } from '../../present/stage.ts'
import type { DeskStage } from './model.ts'

export async function deskStages(
  { sql, hunt }: Pick<Game, 'sql' | 'hunt'>,
  language: Language,
): Promise<DeskStage[]> {
  const places = new Map((await whoIsWhere(sql)).map((row) => [row.challengeId, row]))
  return hunt.challenges.map((challenge) => ({
    ...stageRef(challenge, language),
    tried: places.get(challenge.id)?.tried ?? 0,
    solved: places.get(challenge.id)?.solved ?? 0,
  }))
}
