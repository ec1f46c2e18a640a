import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawParam } from '../../src/core/params.ts'

const draw = (player: number, spec: Parameters<typeof drawParam>[4], name = 'word', challenge = 'map') =>
  drawParam('secret', String(player), challenge, name, spec)

test('a player gets the same value every time, and another name, stage or secret gives another', () => {
  const hex = { hex: 32, public: false }
  assert.equal(draw(1, hex), draw(1, hex))
  const others = [
    draw(2, hex),
    draw(1, hex, 'other'),
    draw(1, hex, 'word', 'bell'),
    drawParam('other', '1', 'map', 'word', hex),
  ]
  assert.equal(new Set([draw(1, hex), ...others]).size, 5)
  assert.match(String(draw(1, hex)), /^[0-9a-f]{32}$/)
})

test('words and ranges are drawn evenly and never outside', () => {
  const words = ['a', 'b', 'c', 'd']
  const drawn = Array.from({ length: 4000 }, (_, player) => draw(player, { words, public: false }))
  for (const word of words) {
    const share = drawn.filter((one) => one === word).length / drawn.length
    assert.ok(share > 0.2 && share < 0.3, `${word}: ${share}`)
  }
  const numbers = Array.from({ length: 4000 }, (_, player) => draw(player, { range: [-2, 2], public: false }))
  assert.deepEqual([...new Set(numbers)].sort(), [-1, -2, 0, 1, 2])
})
