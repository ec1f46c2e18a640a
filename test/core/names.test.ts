import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseName, reservedSlugs, skeletonOf, slugFrom } from '../../src/core/names.ts'

const nameOf = (text: string) => {
  const parsed = parseName(text)
  return 'name' in parsed ? parsed.name : parsed
}

test('a name is kept as it was written, with single spaces and composed accents', () => {
  assert.equal(nameOf('  Zoe\u0308   Müller '), 'Zoë Müller')
  assert.equal(nameOf('日本'), '日本')
})

test('a name that cannot be shown is refused with the reason', () => {
  assert.deepEqual(nameOf('x'), { fault: 'short' })
  assert.deepEqual(nameOf('x'.repeat(33)), { fault: 'long' })
  assert.deepEqual(nameOf('x'.repeat(100_000)), { fault: 'long' })
  for (const text of [
    'Ada\u202eevil',
    'Ada\u0000',
    'Ada\nBob',
    'zero\u200bwidth',
    '🙂🙂',
    '   --   ',
    'a' + '\u0301'.repeat(12),
  ]) {
    assert.deepEqual(nameOf(text), { fault: 'characters' }, JSON.stringify(text))
  }
})

test('names that look alike have one skeleton', () => {
  const alike = [
    'Michael',
    'michael',
    'Michae1',
    'MichaeI',
    'Місhael',
    'M i c h a e l',
    'Michaёl',
    'Ⓜichael',
    'Mıchael',
  ]
  assert.deepEqual(new Set(alike.map(skeletonOf)).size, 1)
  assert.notEqual(skeletonOf('Ada'), skeletonOf('Eda'))
  assert.notEqual(skeletonOf('!!!'), skeletonOf('???'))
})

test('a slug is made of lower-case letters and digits whatever the name is', () => {
  for (const name of ['Ada Lovelace', '日本', 'hunt', '42', 'Ünïcödé', 'x'.repeat(32), '__proto__']) {
    for (const attempt of [0, 1, 2]) {
      const slug = slugFrom(name, attempt)
      assert.match(slug, /^[a-z][a-z0-9]{1,19}$/)
      assert.ok(!reservedSlugs.has(slug))
    }
  }
  assert.equal(slugFrom('Ada Lovelace', 0), 'adalovelace')
})
