import { randomInt } from 'node:crypto'
import { rectifyConfusion } from 'unicode-confusables'
import { withoutInvisible, wrongCharacterIn, type WrongCharacter } from './name-characters.ts'

// Vowel signs of other scripts are letters to those who read them: there, a mark tells two names apart.
const accents = new RegExp(
  '(?<=[\\p{sc=Latin}\\p{sc=Greek}\\p{sc=Cyrillic}\\p{sc=Hebrew}\\p{sc=Arabic}]\\p{M}{0,3})\\p{M}|[\\p{M}&&\\p{sc=Inherited}]',
  'gv',
)

export type NameFault =
  | { fault: 'short' | 'long' | 'marks' | 'letters' }
  | { fault: WrongCharacter['sort']; character: string; position: number }

/**
 * A display name as it is kept: NFC, single spaces. 2–32 characters, at least one letter or digit, none that nobody sees or that
 * moves what stands beside it; joiners where they change what is to be seen.
 */
export function parseName(text: string): { name: string } | NameFault {
  if (text.length > 200) return { fault: 'long' }
  const wrong = wrongCharacterIn(text.normalize('NFC'))
  if (wrong) return { fault: wrong.sort, character: wrong.character, position: wrong.position }
  const name = text
    .normalize('NFC')
    .replace(/\p{Zs}+/gu, ' ')
    .trim()
  const length = Array.from(name).length
  if (length < 2) return { fault: 'short' }
  if (length > 32) return { fault: 'long' }
  // A pile of combining marks would paint over the rows above and below it.
  if (/\p{M}{4,}/u.test(name)) return { fault: 'marks' }
  if (!/[\p{L}\p{N}]/u.test(name)) return { fault: 'letters' }
  return { name }
}

/** Whether somebody wrote this name: what nobody sees and how blanks are set may differ. */
export function isSameName(written: string, name: string): boolean {
  const bare = (text: string) => withoutInvisible(text).normalize('NFC').replace(/\s+/gu, ' ').trim()
  return bare(written) === bare(name)
}

/** Equal for names that look alike (UTS 39): compared, never shown. */
export function skeletonOf(written: string): string {
  const name = withoutInvisible(written)
  // The table knows capitals of their own look, such as I for l; what is left then differs by case and accents alone.
  const looks = rectifyConfusion(name.normalize('NFKD')).normalize('NFKD').replace(accents, '').toLowerCase()
  const folded = rectifyConfusion(looks)
    .toLowerCase()
    .replace(/[1|i!]/g, 'l')
    .replace(/0/g, 'o')
    .replace(/rn/g, 'm')
    .replace(/vv/g, 'w')
    .replace(/[^\p{L}\p{N}\p{M}]/gu, '')
  return folded === '' ? `=${name.normalize('NFKC').toLowerCase()}` : folded
}

/** Slugs that addresses, registry paths and namespaces need for themselves. */
export const reservedSlugs: ReadonlySet<string> = new Set(
  (
    'hunt ci admin registry www api git me map desk join login logout assets events default kube system public root master ' +
    'organizer shambhala library player players leaderboard staging production test static health metrics null undefined'
  ).split(' '),
)

/** `[a-z][a-z0-9]{1,19}` out of a display name; with a random tail from the second try on. */
export function slugFrom(name: string, attempt: number): string {
  const letters = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/^[0-9]+/, '')
  const base = letters.length >= 2 ? letters : 'seeker'
  if (attempt === 0 && letters.length >= 2 && !reservedSlugs.has(base.slice(0, 20))) return base.slice(0, 20)
  return `${base.slice(0, 15)}${randomInt(100, 99_999)}`
}
