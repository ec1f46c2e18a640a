import type { Problem, ProblemCode } from '../../../core/problem.ts'

type Text = Problem['text']

/** A problem that only the player can mend, unless `more` says otherwise. */
export function problem(
  code: ProblemCode,
  object: string,
  text: Text,
  details: Record<string, string> = {},
  more: Partial<Pick<Problem, 'heals' | 'ours'>> = {},
): Problem {
  return { code, object, text, details, heals: false, ours: false, ...more }
}
