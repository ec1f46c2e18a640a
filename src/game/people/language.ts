import type { Language } from '../../core/text.ts'
import { setLanguage } from '../../db/members.ts'
import type { Game } from '../game.ts'

/** In which language a member reads stories, verdicts and pages; each member of a player for themselves. */
export async function chooseLanguage(
  { sql }: Pick<Game, 'sql'>,
  memberId: string,
  language: Language,
): Promise<void> {
  await setLanguage(sql, memberId, language)
}
