import type { Challenge, ChallengeFile } from '../core/challenge.ts'
import type { HuntFile } from '../core/hunt.ts'
import type { FileFault, YamlFile } from './yaml-file.ts'

interface Loaded {
  challenge: Challenge
  file: YamlFile<ChallengeFile>
}

/** What can only be seen over all challenges: ids, unlocking, languages, shared repositories, prices. */
export function checkHunt(
  hunt: YamlFile<HuntFile>,
  all: readonly Loaded[],
  faults: FileFault[],
  warnings: FileFault[],
): void {
  const ids = new Map<string, Loaded>()
  const orders = new Set<number>()
  for (const one of all) {
    const { challenge, file } = one
    if (ids.has(challenge.id))
      faults.push(file.fault(['id'], `another challenge has the id ${challenge.id} already`))
    ids.set(challenge.id, one)
    if (orders.has(challenge.order))
      faults.push(file.fault([], `two folders have the number ${challenge.order}`))
    orders.add(challenge.order)
    for (const [path, text] of textsOf(challenge)) {
      for (const language of hunt.value.languages) {
        if (text[language] === undefined) faults.push(file.fault(path, `the text in ${language} is missing`))
      }
    }
    const priced = challenge.hints.reduce((sum, hint) => sum + hint.price, 0)
    if (priced > challenge.points)
      warnings.push(
        file.fault(['hints'], `the hints cost ${priced}, the challenge brings ${challenge.points}`),
      )
    if (priced > 0 && hunt.value.registration === 'open') {
      warnings.push(
        file.fault(
          ['hints'],
          'hints with a price, and registration open without a code: a throw-away account reads them for free',
        ),
      )
    }
  }
  for (const { challenge, file } of all) {
    for (const [index, id] of challenge.after.entries()) {
      if (!ids.has(id))
        faults.push(
          file.fault(
            ['after', index],
            `there is no challenge ${id}; there are: ${[...ids.keys()].join(', ')}`,
          ),
        )
    }
    const cycle = cycleFrom(challenge.id, ids)
    if (cycle) faults.push(file.fault(['after'], `this can never open: ${cycle.join(' after ')}`))
  }
}

function textsOf(challenge: Challenge): [(string | number)[], Partial<Record<string, string>>][] {
  const texts: [(string | number)[], Partial<Record<string, string>>][] = [
    [['title'], challenge.title],
    [['teaser'], challenge.teaser],
  ]
  for (const [index, hint] of challenge.hints.entries()) texts.push([['hints', index, 'text'], hint.text])
  for (const [index, check] of challenge.checks.entries()) {
    texts.push([['checks', index, 'name'], check.name])
    for (const [position, { else: message, expected, saw }] of check.expect.entries()) {
      const path = ['checks', index, 'expect', position]
      texts.push([[...path, 'else'], message])
      if (expected) texts.push([[...path, 'expected'], expected])
      if (saw) texts.push([[...path, 'saw'], saw])
    }
  }
  return texts
}

/** The way back to a challenge through what it comes after, or null. */
function cycleFrom(start: string, ids: ReadonlyMap<string, Loaded>): string[] | null {
  const seen = new Set<string>()
  const walk = (id: string, path: string[]): string[] | null => {
    for (const before of ids.get(id)?.challenge.after ?? []) {
      if (before === start) return [...path, before]
      if (seen.has(before)) continue
      seen.add(before)
      const found = walk(before, [...path, before])
      if (found) return found
    }
    return null
  }
  return walk(start, [start])
}
