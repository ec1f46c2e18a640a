import { localized, pick, type Language, type Localized } from '../../core/text.ts'

type Facts = Readonly<Record<string, unknown>>

const nothing: Localized = { en: 'nothing', fr: 'rien' }
const none: Localized = { en: 'none', fr: 'aucun' }

/** Templates show what is missing as a dash. A text that consists of such alone says nothing to anybody. */
export function isBlank(text: string): boolean {
  return /^[\s–]*$/.test(text)
}

export function orNothing(text: string, language: Language): string {
  return isBlank(text) ? pick(nothing, language) : text
}

/**
 * Facts as templates are given them. Where nobody answered, the status is a number that no server sends, and the trouble a word for
 * expressions: both are said in words.
 */
export function tellSilence(facts: Facts, language: Language): Facts {
  return Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => {
      const silence = silenceOf(fact)
      const told = silence && { status: pick(none, language), trouble: pick(silence, language) }
      return [name, told ? { ...(fact as object), ...told } : fact]
    }),
  )
}

/** What is to be said in place of a value such as `http.status`, where nobody answered. */
export function silenceAt(facts: Facts, chain: string): Localized | null {
  const [root = '', field] = chain.split('.')
  return field === 'status' ? silenceOf(facts[root]) : null
}

function silenceOf(fact: unknown): Localized | null {
  if (typeof fact !== 'object' || fact === null || !('heard' in fact)) return null
  const heard = localized.safeParse(fact.heard)
  return 'reached' in fact && fact.reached === false && heard.success ? heard.data : null
}
