import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BoardPart } from '../../../src/core/board-parts.ts'
import type { Challenge } from '../../../src/core/challenge.ts'
import { createStandings } from '../../../src/core/standings.ts'
import type { Game } from '../../../src/game/game.ts'
import { reachedCity } from '../../../src/web/present/leaderboard.ts'

const challenges = [
  { id: 'map', needs: ['forge'], retired: false },
  { id: 'scroll', needs: ['registry'], retired: false },
] as unknown as Challenge[]

function gameOn(parts: BoardPart[]) {
  const standings = createStandings()
  standings.put({ id: '1', slug: 'ada', name: 'Ada', hidden: false })
  standings.put({ id: '2', slug: 'bo', name: 'Bo', hidden: false })
  const at = new Date('2027-03-12T18:00:00Z')
  standings.solve('1', { challengeId: 'map', at, award: 100 })
  for (const challengeId of ['map', 'scroll']) standings.solve('2', { challengeId, at, award: 100 })
  const board = Object.fromEntries(parts.map((part) => [part, {}]))
  return { hunt: { challenges }, board, leaderboard: { standings } } as unknown as Game
}

test('on a board with a registry nobody has reached the city who has not solved its stages', () => {
  assert.deepEqual(
    reachedCity(gameOn(['forge', 'registry'])).map(({ name }) => name),
    ['Bo'],
  )
})

test('on a board with a Git host alone its stages are the whole way', () => {
  assert.deepEqual(
    reachedCity(gameOn(['forge']))
      .map(({ name }) => name)
      .sort(),
    ['Ada', 'Bo'],
  )
})
