import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStandings, type Standing } from '../../src/core/standings.ts'

const player = (id: string, hidden = false) => ({ id, slug: `slug${id}`, name: `Name ${id}`, hidden })
const solve = (challengeId: string, second: number, award: number) => ({
  challengeId,
  at: new Date(second * 1000),
  award,
})
const order = (rows: Standing[]) => rows.map((row) => `${row.rank} ${row.slug} ${row.score}`)

test('more points go first, then the earlier last solve, then the name', () => {
  const standings = createStandings()
  for (const id of ['a', 'b', 'c', 'd']) standings.put(player(id))
  standings.solve('a', solve('one', 20, 100))
  standings.solve('b', solve('one', 10, 100))
  standings.solve('c', solve('two', 30, 200))
  assert.deepEqual(order(standings.rows(0, 10)), ['1 slugc 200', '2 slugb 100', '3 sluga 100', '4 slugd 0'])
  assert.deepEqual(standings.first(), { one: 'slugb', two: 'slugc' })
})

test('a solve that hints ate whole does not move the time of the last scoring solve', () => {
  const standings = createStandings()
  standings.put(player('a'))
  standings.solve('a', solve('one', 10, 100))
  standings.solve('a', solve('two', 99, 0))
  assert.equal(standings.rows(0, 1)[0]?.lastSolveAt, new Date(10_000).toISOString())
})

test('the same solve twice scores once', () => {
  const standings = createStandings()
  standings.put(player('a'))
  standings.solve('a', solve('one', 10, 100))
  standings.solve('a', solve('one', 10, 100))
  assert.equal(standings.scoreOf('a'), 100)
})

test('a hidden player has no place, no first solve and no count, and gets all back', () => {
  const standings = createStandings()
  standings.put(player('a'))
  standings.put(player('b'))
  standings.solve('a', solve('one', 10, 100))
  standings.solve('b', solve('one', 20, 100))
  standings.put(player('a', true))
  assert.deepEqual(order(standings.rows(0, 10)), ['1 slugb 100'])
  assert.deepEqual(standings.first(), { one: 'slugb' })
  assert.deepEqual(standings.solveCounts(), { one: 1 })
  assert.equal(standings.rankOf('a'), null)
  assert.equal(standings.scoreOf('a'), 100)
  standings.put(player('a'))
  assert.deepEqual(standings.first(), { one: 'sluga' })
  assert.equal(standings.total, 2)
})

test('moving players by single solves gives the same order as sorting them all', () => {
  const standings = createStandings()
  const expected = new Map<string, { score: number; last: number }>()
  let seed = 7
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below
  for (let id = 0; id < 300; id += 1) {
    standings.put({ id: String(id), slug: `s${id}`, name: `n${String(id).padStart(3, '0')}`, hidden: false })
    expected.set(String(id), { score: 0, last: Infinity })
  }
  for (let step = 0; step < 3000; step += 1) {
    const id = String(random(300))
    standings.solve(id, solve(`c${step}`, random(1000), random(3) * 50))
  }
  const rows = standings.rows(0, 300)
  const sorted = [...rows].sort(
    (a, b) =>
      b.score - a.score ||
      Date.parse(a.lastSolveAt ?? '9999-01-01') - Date.parse(b.lastSolveAt ?? '9999-01-01') ||
      (a.name < b.name ? -1 : 1),
  )
  assert.deepEqual(
    rows.map((row) => row.slug),
    sorted.map((row) => row.slug),
  )
  assert.equal(new Set(rows.map((row) => row.slug)).size, 300)
  for (const row of rows) assert.equal(standings.rankOfSlug(row.slug), row.rank)
})
