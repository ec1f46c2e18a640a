import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Challenge } from '../../src/core/challenge.ts'
import { missingOf, stateOf, wayToTheCity } from '../../src/core/unlock.ts'
import type { BoardPart } from '../../src/core/board-parts.ts'

const challenge = (over: Partial<Challenge>) =>
  ({ id: 'b', after: [], needs: [], retired: false, ...over }) as unknown as Challenge
const player = (over: object) => ({
  solved: new Set<string>(),
  phase: 'running' as const,
  board: new Set<BoardPart>(['forge']),
  ...over,
})

test('a stage is locked until all that it comes after are solved', () => {
  const two = challenge({ after: ['a', 'c'] })
  assert.equal(stateOf(two, player({ solved: new Set(['a']) })), 'locked')
  assert.deepEqual(missingOf(two, new Set(['a'])), ['c'])
  assert.equal(stateOf(two, player({ solved: new Set(['a', 'c']) })), 'open')
})

test('a stage says why it cannot be played', () => {
  assert.equal(stateOf(challenge({ needs: ['cluster'] }), player({})), 'unavailable')
  assert.equal(stateOf(challenge({}), player({ phase: 'before' })), 'scheduled')
  assert.equal(stateOf(challenge({ retired: true }), player({})), 'retired')
})

test('what is solved stays solved, on a smaller board and after it retired', () => {
  const solved = player({ solved: new Set(['b']), phase: 'after' })
  assert.equal(stateOf(challenge({ needs: ['cluster'], retired: true }), solved), 'solved')
})

test('the city is reached by all that this board can carry, and by nothing that is retired', () => {
  const all = [
    challenge({ id: 'git', needs: ['forge'] }),
    challenge({ id: 'image', needs: ['registry'] }),
    challenge({ id: 'old', needs: ['forge'], retired: true }),
  ]
  const way = (...parts: BoardPart[]) => wayToTheCity(all, new Set(parts)).map(({ id }) => id)
  assert.deepEqual(way('forge'), ['git'])
  assert.deepEqual(way('forge', 'registry'), ['git', 'image'])
})
