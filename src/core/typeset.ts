import type { Language } from './text.ts'

/**
 * A text with the spaces of its language: French has one before `;`, `:`, `?`, `!`, `%` and `»`, and after `«`, at which no line
 * breaks. A mark that begins a word, such as `%s` or `:branch`, is code and stays as it is.
 */
export function typeset(text: string, language: Language): string {
  return language === 'fr'
    ? text.replace(/ (?=[;:?!%»](?![\w/]))/g, '\u00a0').replaceAll('« ', '«\u00a0')
    : text
}
