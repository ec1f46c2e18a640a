import type { Language } from './text.ts'

const formats = { en: new Intl.NumberFormat('en-GB'), fr: new Intl.NumberFormat('fr-FR') }

/** Grouped as the language does, such as `4,194,304`. */
export function formatNumber(value: number, language: Language): string {
  return formats[language].format(value)
}
