import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRounds, forAll } from '../../src/lib/rounds.ts'
import { silentLog as log } from '../../src/lib/log.ts'
import { until } from '../helpers/until.ts'

const keyOf = (row: string) => row

test('one bad row holds up none of the others', async () => {
  const rounds = createRounds({ log, what: 'a row', keyOf })
  const done: string[] = []
  const failed = await rounds.each(['a', 'bad', 'b'], (row) => {
    if (row === 'bad') throw new Error('bad')
    done.push(row)
    return Promise.resolve()
  })
  assert.deepEqual([done, failed], [['a', 'b'], 1])
})

test('a bad row is left out for a while, longer each time, and comes back', async () => {
  const rounds = createRounds({ log, what: 'a row', keyOf, firstMs: 30, longestMs: 60 })
  let tries = 0
  const round = () =>
    rounds.each(['bad'], () => {
      tries += 1
      return tries < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve()
    })
  await round()
  await round()
  assert.equal(tries, 1)
  await until('the third try', 10, async () => {
    await round()
    return tries >= 3
  })
  await round()
  assert.equal(tries, 4, 'a row that went well waits for nothing')
})

test('what is no row’s fault ends the round, and is held against none', async () => {
  const away = new Error('the database is away')
  const rounds = createRounds({ log, what: 'a row', keyOf, ends: (error) => error === away })
  const seen: string[] = []
  await assert.rejects(
    rounds.each(['a', 'b'], (row) => {
      seen.push(row)
      return Promise.reject(away)
    }),
    away,
  )
  await rounds.each(['a', 'b'], (row) => {
    seen.push(row)
    return Promise.resolve()
  })
  assert.deepEqual(seen, ['a', 'a', 'b'])
})

test('all get their turn before the first trouble is told, unless it is everybody’s', async () => {
  const seen: number[] = []
  const work = (row: number) => {
    seen.push(row)
    return row > 1 ? Promise.reject(new Error(`${row} fails`)) : Promise.resolve()
  }
  await assert.rejects(forAll([2, 1, 3, 1], work), /2 fails/)
  assert.deepEqual(seen.splice(0), [2, 1, 3, 1])
  await assert.rejects(forAll([2, 3, 4, 1], work, { mostInARow: 2 }), /2 fails/)
  assert.deepEqual(seen, [2, 3])
})
