import type { Problem } from '../../core/problem.ts'
import { pick, type Language } from '../../core/text.ts'
import type { Diagnosis } from '../../game/workspaces/diagnosis.ts'
import type { DiagnosisModel } from '../models/diagnosis.ts'
import type { PlayerRef } from '../../core/player.ts'

const shown = 5

/** Empty where nothing is wrong, and where nothing can be said in time. */
export async function diagnosisModel(
  diagnose: Diagnosis,
  player: PlayerRef,
  language: Language,
): Promise<DiagnosisModel> {
  const problems = (await diagnose(player)) ?? []
  return {
    problems: problems.slice(0, shown).map((one) => problemModel(one, language)),
    more: Math.max(0, problems.length - shown),
  }
}

function problemModel({ code, text, details, heals, ours }: Problem, language: Language) {
  const log = details['log'] ?? ''
  // A single line is in the text already.
  return { code, text: pick(text, language), log: log.includes('\n') ? log : '', heals, ours }
}
