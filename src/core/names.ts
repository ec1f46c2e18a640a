import { randomInt } from 'node:crypto'
import { rectifyConfusion } from 'unicode-confusables'

// Control and format characters (among them every bidi mark), line separators, private use, unassigned.
const forbidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/u

export type NameFault = 'short' | 'long' | 'characters'

/** A display name as it is kept: NFC, single spaces. 2–32 characters, no control or bidi characters, at least one letter or digit. */
export function parseName(text: string): { name: string } | { fault: NameFault } {
  if (text.length > 200) return { fault: 'long' }
  if (forbidden.test(text)) return { fault: 'characters' }
  const name = text
    .normalize('NFC')
    .replace(/\p{Zs}+/gu, ' ')
    .trim()
  const length = Array.from(name).length
  if (length < 2) return { fault: 'short' }
  if (length > 32) return { fault: 'long' }
  // A pile of combining marks would paint over the rows above and below it.
  if (!/[\p{L}\p{N}]/u.test(name) || /\p{M}{4,}/u.test(name)) return { fault: 'characters' }
  return { name }
}

/** Equal for names that look alike (UTS 39): compared, never shown. */
export function skeletonOf(name: string): string {
  // The table knows capitals of their own look, such as I for l; what is left then differs by case and accents alone.
  const looks = rectifyConfusion(name.normalize('NFKD'))
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
  const folded = rectifyConfusion(looks)
    .toLowerCase()
    .replace(/[1|i!]/g, 'l')
    .replace(/0/g, 'o')
    .replace(/rn/g, 'm')
    .replace(/vv/g, 'w')
    .replace(/[^\p{L}\p{N}]/gu, '')
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
