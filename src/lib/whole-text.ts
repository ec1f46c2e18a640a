/** NUL, which no database and no path keeps, and half of a character that has two code units. */
const broken = /[\0\p{Cs}]/u

/** Whether a text can be kept and given back as it is. */
export function isWhole(text: string): boolean {
  return !broken.test(text)
}

/** The beginning of a text, in whole characters. */
export function beginningOf(text: string, most: number): string {
  return lengthOf(text) <= most ? text : Array.from(text).slice(0, most).join('')
}

/** In characters as people and JSON Schema count them, not in code units. */
export function lengthOf(text: string): number {
  return Array.from(text).length
}
