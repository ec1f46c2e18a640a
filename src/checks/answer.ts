import { createHash, timingSafeEqual } from 'node:crypto'
import { RE2JS } from 're2js'
import { z } from 'zod'
import { Inconclusive, PlayerFault } from '../lib/errors.ts'
import { lengthOf } from '../lib/whole-text.ts'
import type { CheckKind } from './check.ts'

const maxLength = 1000
const text = z.string().min(1).max(maxLength)

const spec = z.union([
  z.strictObject({ exact: text.describe('Equal, character by character; spaces around it do not count.') }),
  z.strictObject({
    normalised: text.describe(
      'Equal without regard to case, accents, the form of a letter (ﬁ, ２) and runs of spaces.',
    ),
  }),
  z.strictObject({
    re2: text.refine(compiles, 'a pattern in RE2 syntax').describe('A pattern that the whole answer fits.'),
  }),
  z.strictObject({
    number: z.strictObject({
      value: z.union([z.number(), text]).describe('A number, or a template that gives one.'),
      tolerance: z.number().min(0).default(0),
    }),
  }),
])
type Spec = z.output<typeof spec>

const facts = z.object({
  given: z.boolean().describe('An answer was sent.'),
  correct: z.boolean(),
})
type Facts = z.output<typeof facts>

/** The answer is never told again: neither in facts nor in evidence. */
export const check: CheckKind<Spec, Facts> = {
  kind: 'answer',
  spec,
  facts,
  needs: [],
  look(wanted, { answer, signal }) {
    if (signal.aborted) return Promise.reject(new Inconclusive('Looking at the answer was stopped.'))
    const text = answer?.trim() ?? ''
    if (lengthOf(text) > maxLength)
      return Promise.reject(
        new PlayerFault(
          `An answer has at most ${maxLength} characters; this one has ${lengthOf(text)}.`,
          `Une réponse a au plus ${maxLength} caractères ; celle-ci en a ${lengthOf(text)}.`,
        ),
      )
    const given = text !== ''
    return Promise.resolve({ facts: { given, correct: given && isCorrect(wanted, text) }, evidence: [] })
  },
}

function isCorrect(wanted: Spec, answer: string): boolean {
  if ('exact' in wanted) return same(wanted.exact.trim(), answer)
  if ('normalised' in wanted) return same(normalise(wanted.normalised), normalise(answer))
  if ('re2' in wanted) return RE2JS.compile(wanted.re2).matcher(answer).matches()
  return isNear(wanted.number, answer)
}

/** Both sides are hashed first, so that the time tells neither length nor a common beginning. */
function same(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b))
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest()
}

/** Upper case, since ß has two letters there. */
function normalise(value: string): string {
  return value.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase().replace(/\s+/gu, ' ').trim()
}

/** Within the tolerance in any way of reading what was written. */
function isNear(
  { value, tolerance }: { value: number | string; tolerance: number },
  answer: string,
): boolean {
  const wanted = typeof value === 'number' ? [value] : readings(value)
  return readings(answer).some((given) =>
    wanted.some((right) => {
      // 1.1 is within 0.1 of 1, though not in binary.
      const slack = Number.EPSILON * 4 * Math.max(Math.abs(given), Math.abs(right))
      return Math.abs(given - right) <= tolerance + slack
    }),
  )
}

/** What a number may mean: 1,5 is one and a half here and 1,500 fifteen hundred there. */
function readings(value: string): number[] {
  const plain = value.replace(/[\s_’']/g, '')
  return [plain.replace(',', '.'), plain.replace(/,(?=\d{3}(\D|$))/g, '')]
    .filter((one) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(one))
    .map(Number)
    .filter(Number.isFinite)
}

function compiles(source: string): boolean {
  if (source.includes('{{')) return true
  try {
    RE2JS.compile(source)
    return true
  } catch {
    return false
  }
}
