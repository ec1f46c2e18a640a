import { domainToASCII } from 'node:url'

/** A character that no name may have where it stands. */
export interface WrongCharacter {
  /** Why: nobody would see it, it joins nothing there, or it is none to be shown at all. */
  sort: 'invisible' | 'joiner' | 'characters'
  /** Such as `U+3164 HANGUL FILLER`. */
  character: string
  /** Counted from 1, in characters. */
  position: number
}

// Beside what Unicode has ignored by default: blanks that are letters or symbols, and the place of an object that is not there.
const invisible = /\p{Default_Ignorable_Code_Point}|[\u2800\ufffc\u{13441}\u{13442}\u{1d159}]|\u{16fe4}/u
const allInvisible = new RegExp(invisible.source, 'gu')
// Control and format characters (among them every bidi mark), line separators, private use, unassigned.
const unfit = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/u
const joiner = /[\u200c\u200d]/u
// Sets of strings need the flag v, which the language level of the other files does not have as a literal.
const emoji = new RegExp('\\p{RGI_Emoji}', 'gv')

/** The first character that may not stand where it does; null for a text that may be a name. */
export function wrongCharacterIn(text: string): WrongCharacter | null {
  // Joiners, selectors and tags belong to an emoji that Unicode recommends; of the same length, so that places stay.
  const rest = text.replace(emoji, (sequence) => ' '.repeat(sequence.length))
  let at = 0
  for (const character of rest) {
    const sort = sortOf(character, rest, at)
    at += character.length
    if (sort) return { sort, character: titled(character), position: Array.from(text.slice(0, at)).length }
  }
  return null
}

/** Without what nobody sees: names that differ by it alone are the same. */
export function withoutInvisible(text: string): string {
  return text.replace(allInvisible, '')
}

function sortOf(character: string, text: string, at: number): WrongCharacter['sort'] | null {
  if (joiner.test(character)) return joinsHere(text, at) ? null : 'joiner'
  if (invisible.test(character)) return 'invisible'
  return unfit.test(character) ? 'characters' : null
}

/**
 * Whether a joiner changes how the letters beside it look: UAX 31 allows ZWNJ between letters that would join and in a conjunct,
 * ZWJ after a virama. The contexts are those of the joiners in host names (RFC 5892), which the URL parser knows by heart.
 */
function joinsHere(text: string, at: number): boolean {
  const before = /\p{L}\p{M}*$/u.exec(text.slice(0, at))?.[0]
  const rest = text.slice(at + 1)
  const after = text[at] === '\u200d' ? /^(?!\p{M})\p{L}?/u.exec(rest) : /^\p{M}*\p{L}/u.exec(rest)
  return (
    before !== undefined && after !== null && domainToASCII(`${before}${text[at] ?? ''}${after[0]}`) !== ''
  )
}

/** What people are most likely to have copied or typed, by Unicode's names. */
const names: Readonly<Record<string, string>> = {
  '0000': 'NULL',
  '0009': 'TAB',
  '000A': 'LINE FEED',
  '000D': 'CARRIAGE RETURN',
  '00AD': 'SOFT HYPHEN',
  '034F': 'COMBINING GRAPHEME JOINER',
  '061C': 'ARABIC LETTER MARK',
  '115F': 'HANGUL CHOSEONG FILLER',
  '1160': 'HANGUL JUNGSEONG FILLER',
  '180E': 'MONGOLIAN VOWEL SEPARATOR',
  '200B': 'ZERO WIDTH SPACE',
  '200C': 'ZERO WIDTH NON-JOINER',
  '200D': 'ZERO WIDTH JOINER',
  '200E': 'LEFT-TO-RIGHT MARK',
  '200F': 'RIGHT-TO-LEFT MARK',
  '2028': 'LINE SEPARATOR',
  '2029': 'PARAGRAPH SEPARATOR',
  '202A': 'LEFT-TO-RIGHT EMBEDDING',
  '202B': 'RIGHT-TO-LEFT EMBEDDING',
  '202C': 'POP DIRECTIONAL FORMATTING',
  '202D': 'LEFT-TO-RIGHT OVERRIDE',
  '202E': 'RIGHT-TO-LEFT OVERRIDE',
  '2060': 'WORD JOINER',
  '2066': 'LEFT-TO-RIGHT ISOLATE',
  '2067': 'RIGHT-TO-LEFT ISOLATE',
  '2068': 'FIRST STRONG ISOLATE',
  '2069': 'POP DIRECTIONAL ISOLATE',
  '2800': 'BRAILLE PATTERN BLANK',
  '3164': 'HANGUL FILLER',
  FE0E: 'VARIATION SELECTOR-15',
  FE0F: 'VARIATION SELECTOR-16',
  FEFF: 'ZERO WIDTH NO-BREAK SPACE',
  FFA0: 'HALFWIDTH HANGUL FILLER',
  FFFC: 'OBJECT REPLACEMENT CHARACTER',
}

function titled(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  const name = names[code]
  return name === undefined ? `U+${code}` : `U+${code} ${name}`
}
