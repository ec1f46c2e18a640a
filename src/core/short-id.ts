import { isObjectId } from './object-id.ts'

/** Of a commit's id; a number of digits alone may be a revision. */
const beginning = /^(?=.*[a-f])[0-9a-f]{8,}$/

/**
 * How a commit or a digest is called where its whole name would fill the line: 7 or 12 hexadecimal digits. What else stands
 * there, such as the status before the digest of an answer or the revision of a release, stays whole.
 */
export function shortId(id: string): string {
  return id
    .split(' ')
    .map((word) => {
      const [, hex] = /^sha\d+:(.*)$/.exec(word) ?? []
      if (hex !== undefined) return hex.slice(0, 12)
      return isObjectId(word) || beginning.test(word) ? word.slice(0, 7) : word
    })
    .join(' ')
}
