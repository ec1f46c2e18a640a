import { z } from 'zod'

/** Languages that pages, stories and verdicts are written in. */
export const languages = ['en', 'fr'] as const
export type Language = (typeof languages)[number]

/** A text for people in every language of the hunt; `en` always exists and is the fallback. */
export const localized = z.strictObject({ en: z.string().min(1), fr: z.string().min(1).optional() })
export type Localized = z.infer<typeof localized>

export function pick(text: Localized, language: Language): string {
  return text[language] ?? text.en
}

/** Applies one function to the text of every language. */
export function mapText(text: Localized, f: (value: string, language: Language) => string): Localized {
  return text.fr === undefined ? { en: f(text.en, 'en') } : { en: f(text.en, 'en'), fr: f(text.fr, 'fr') }
}
