import type { Language } from './text.ts'

/** An author's text with the spaces of its language: in French no line begins with `;`, `:`, `?`, `!` or `»`. */
export function typeset(text: string, language: Language): string {
  return language === 'fr' ? text.replace(/ (?=[;:?!»])/g, '\u00a0').replace(/« /g, '«\u00a0') : text
}
