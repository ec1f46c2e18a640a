/** Nobody slips in a word of more letters. */
const longest = 100

/** The name that was probably meant: the one with the fewest slips of a finger, if they are few. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  if (name.length > longest) return undefined
  let best: string | undefined
  let fewest = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const one of names) {
    const slips = distance(name.toLowerCase(), one.toLowerCase(), fewest)
    if (slips < fewest) [best, fewest] = [one, slips]
  }
  return best
}

/** ` (did you mean x?)`, or nothing. */
export function suggestion(name: string, names: Iterable<string>): string {
  const meant = nearest(name, names)
  return meant === undefined ? '' : ` (did you mean ${meant}?)`
}

/** Letters to add, drop, change or swap; `limit` where there are at least so many. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : limit
      next.push(Math.min(change, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    before = row
    row = next
  }
  return Math.min(limit, row[b.length] ?? limit)
}
