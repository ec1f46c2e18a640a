import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counts, frozenAt, phaseAt, windowOf } from '../../src/core/window.ts'

const file = {
  start: '2026-06-01T10:00:00+02:00',
  end: '2026-06-01T18:00:00+02:00',
  freeze: '2026-06-01T17:00:00+02:00',
}
const at = (time: string) => new Date(`2026-06-01T${time}+02:00`)

test('a push one second before the end counts, one at the end does not', () => {
  const window = windowOf(file, {})
  assert.ok(counts(window, at('17:59:59')))
  assert.ok(!counts(window, at('18:00:00')))
  assert.ok(!counts(window, at('09:59:59')))
  assert.ok(counts(window, at('10:00:00')))
})

test('the desk’s word goes before the file, and null takes a boundary away', () => {
  const window = windowOf(file, { end: '2026-06-01T20:00:00+02:00', freeze: null })
  assert.equal(phaseAt(window, at('19:00:00')), 'running')
  assert.equal(frozenAt(window, at('19:00:00')), false)
  assert.equal(frozenAt(windowOf(file, {}), at('17:00:00')), true)
})

test('the freeze outlasts the hunt, until it is taken away', () => {
  assert.equal(frozenAt(windowOf(file, {}), at('16:59:59')), false)
  assert.equal(frozenAt(windowOf(file, {}), at('17:59:59')), true)
  assert.equal(frozenAt(windowOf(file, {}), at('23:00:00')), true)
  assert.equal(frozenAt(windowOf(file, { freeze: null }), at('23:00:00')), false)
})

test('a hunt without a window always runs', () => {
  assert.equal(phaseAt(windowOf({}, {}), new Date()), 'running')
})
