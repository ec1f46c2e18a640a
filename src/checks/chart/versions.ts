/** Helm writes what a tag may not hold otherwise, and back. */
export const tagOf = (version: string) => version.replaceAll('+', '_')

const semantic =
  /^v?(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})(?:-([0-9A-Za-z.-]+))?(?:_[0-9A-Za-z.-]+)?$/

interface Version {
  tag: string
  numbers: [number, number, number]
  /** Empty for a release. */
  before: string[]
}

/** As helm chooses without `--version`: the highest release. Where there are pre-releases alone, the highest of them. */
export function newest(tags: readonly string[]): string | null {
  const versions = tags.flatMap((tag) => parse(tag) ?? [])
  const releases = versions.filter(({ before }) => before.length === 0)
  const candidates = releases.length > 0 ? releases : versions
  const [first, ...others] = candidates
  if (!first) return null
  return others.reduce((best, one) => (compare(one, best) > 0 ? one : best), first).tag
}

function parse(tag: string): Version | null {
  const match = semantic.exec(tag)
  if (!match) return null
  const [, major, minor, patch, before] = match
  return {
    tag,
    numbers: [Number(major), Number(minor), Number(patch)],
    before: before === undefined ? [] : before.split('.'),
  }
}

function compare(a: Version, b: Version): number {
  for (const [index, number] of a.numbers.entries()) {
    const difference = number - (b.numbers[index] ?? 0)
    if (difference !== 0) return difference
  }
  // Tags that differ in build metadata alone are the same version: the order of their names decides, lest it be chance.
  return compareBefore(a.before, b.before) || (a.tag > b.tag ? 1 : -1)
}

function compareBefore(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [one, other] = [a[index], b[index]]
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1
    if (one === other) continue
    const [isNumber, isOther] = [/^\d+$/.test(one), /^\d+$/.test(other)]
    if (isNumber !== isOther) return isNumber ? -1 : 1
    if (isNumber && Number(one) !== Number(other)) return Number(one) - Number(other)
    return one > other ? 1 : -1
  }
  return 0
}
