import type { Challenge } from '../../core/challenge.ts'
import type { HuntFile } from '../../core/hunt.ts'
import { suggestion } from '../../lib/nearest.ts'
import type { LoadedChallenge } from './load-challenge.ts'
import type { FileFault, YamlFile } from '../../lib/yaml-file.ts'

export interface WholeHunt {
  hunt: YamlFile<HuntFile>
  all: readonly LoadedChallenge[]
  /** Ids of challenges that could not be loaded. */
  unread: readonly string[]
  faults: FileFault[]
  warnings: FileFault[]
}

/** What can only be seen over all challenges: ids, unlocking, languages, shared repositories, prices. */
export function checkHunt(whole: WholeHunt): void {
  const { hunt, all, unread, faults } = whole
  const ids = new Map<string, LoadedChallenge>()
  const orders = new Set<number>()
  checkWindow(hunt, faults)
  checkStarters(whole)
  checkImages(whole)
  for (const one of all) {
    const { challenge, file } = one
    if (ids.has(challenge.id))
      faults.push(file.fault(['id'], `another challenge has the id ${challenge.id} already`))
    ids.set(challenge.id, one)
    if (orders.has(challenge.order))
      faults.push(file.fault([], `two folders have the number ${challenge.order}`))
    orders.add(challenge.order)
    checkPrices(one, whole)
    for (const [path, text] of textsOf(challenge)) {
      for (const language of hunt.value.languages) {
        if (text[language] === undefined) faults.push(file.fault(path, `the text in ${language} is missing`))
      }
    }
  }
  const known = new Set([...ids.keys(), ...unread])
  for (const { challenge, file } of all) {
    for (const [index, id] of challenge.after.entries()) {
      if (!known.has(id))
        faults.push(
          file.fault(
            ['after', index],
            `there is no challenge ${id}${suggestion(id, known)}; there are: ${[...known].join(', ')}`,
          ),
        )
    }
    checkRetired({ challenge, file }, ids, whole)
    const cycle = cycleFrom(challenge.id, ids)
    if (cycle) faults.push(file.fault(['after'], `this can never open: ${cycle.join(' after ')}`))
  }
}

function checkWindow(hunt: YamlFile<HuntFile>, faults: FileFault[]): void {
  const { value } = hunt
  const time = (key: 'start' | 'end' | 'freeze') => (value[key] === undefined ? null : Date.parse(value[key]))
  const [start, end, freeze] = [time('start'), time('end'), time('freeze')]
  if (start !== null && end !== null && end <= start)
    faults.push(hunt.fault(['end'], 'the hunt ends before it starts'))
  if (freeze !== null && ((start !== null && freeze < start) || (end !== null && freeze > end)))
    faults.push(
      hunt.fault(['freeze'], 'the leaderboard freezes outside the hunt: choose a time between start and end'),
    )
}

/** A repository is filled once, by the first of its challenges. */
function checkStarters({ all, faults }: WholeHunt): void {
  const first = new Map<string, string>()
  for (const { challenge, file, hasStarter } of [...all].sort(
    (a, b) => a.challenge.order - b.challenge.order,
  )) {
    const { repository, id } = challenge
    const filler = repository === null ? undefined : first.get(repository)
    if (repository !== null && filler === undefined) first.set(repository, id)
    else if (hasStarter) {
      const message =
        filler === undefined
          ? 'there is a starter, but no repository for it: name one, or remove starter/'
          : `${filler} comes first in the repository ${repository ?? ''} and fills it: the starter of ${id} would never be seen`
      faults.push(file.fault(['repository'], message))
    }
  }
}

/** Each challenge lays its own: of two with one name the second would overwrite the first. */
function checkImages({ all, faults }: WholeHunt): void {
  const first = new Map<string, string>()
  for (const { challenge, images } of [...all].sort((a, b) => a.challenge.order - b.challenge.order)) {
    for (const { name, fault } of images?.names ?? []) {
      const owner = first.get(name) ?? challenge.id
      first.set(name, owner)
      if (owner !== challenge.id) faults.push(fault(`${owner} hands out an image ${name} already`))
    }
  }
}

function checkRetired(
  { challenge, file }: Pick<LoadedChallenge, 'challenge' | 'file'>,
  ids: ReadonlyMap<string, LoadedChallenge>,
  { warnings }: WholeHunt,
): void {
  for (const [index, id] of challenge.after.entries()) {
    if (challenge.retired || ids.get(id)?.challenge.retired !== true) continue
    warnings.push(file.fault(['after', index], `${id} is retired: who has not solved it never gets here`))
  }
}

function checkPrices({ challenge, file }: LoadedChallenge, { hunt, warnings }: WholeHunt): void {
  const priced = challenge.hints.reduce((sum, hint) => sum + hint.price, 0)
  if (priced > challenge.points) {
    const message = `the hints cost ${priced}, the challenge brings ${challenge.points}`
    warnings.push(file.fault(['hints'], message))
  }
  if (priced > 0 && (hunt.value.registration ?? 'open') === 'open') {
    const message =
      'hints with a price, and registration open without a code: a throw-away account reads them for free'
    warnings.push(file.fault(['hints'], message))
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
function cycleFrom(start: string, ids: ReadonlyMap<string, LoadedChallenge>): string[] | null {
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
