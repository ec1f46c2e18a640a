import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSameName, parseName, reservedSlugs, skeletonOf, slugFrom } from '../../src/core/names.ts'

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
  assert.deepEqual(nameOf('   --   '), { fault: 'letters' })
  assert.deepEqual(nameOf('🙂🙂'), { fault: 'letters' })
  assert.deepEqual(nameOf('a' + '\u0301'.repeat(12)), { fault: 'marks' })
})

test('a character that nobody sees, or that moves its neighbours, is refused by its name and place', () => {
  const refused = {
    'Ada\u202eevil': ['invisible', 'U+202E RIGHT-TO-LEFT OVERRIDE', 4],
    'Ada\u0000': ['characters', 'U+0000 NULL', 4],
    'Ada\nBob': ['characters', 'U+000A LINE FEED', 4],
    'zero\u200bwidth': ['invisible', 'U+200B ZERO WIDTH SPACE', 5],
    '\u3164': ['invisible', 'U+3164 HANGUL FILLER', 1],
    'Ada\u3164': ['invisible', 'U+3164 HANGUL FILLER', 4],
    'Ada\u115f': ['invisible', 'U+115F HANGUL CHOSEONG FILLER', 4],
    'Ada\u1160': ['invisible', 'U+1160 HANGUL JUNGSEONG FILLER', 4],
    'Ada\uffa0': ['invisible', 'U+FFA0 HALFWIDTH HANGUL FILLER', 4],
    'Ada\u034f': ['invisible', 'U+034F COMBINING GRAPHEME JOINER', 4],
    'So\u00adft': ['invisible', 'U+00AD SOFT HYPHEN', 3],
    'Ada\ufe0f': ['invisible', 'U+FE0F VARIATION SELECTOR-16', 4],
    'Ada\u17b4': ['invisible', 'U+17B4', 4],
    'Ada\u{e0041}': ['invisible', 'U+E0041', 4],
    'Ada\u{e0100}': ['invisible', 'U+E0100', 4],
    '🙂 Ada\u2800': ['invisible', 'U+2800 BRAILLE PATTERN BLANK', 6],
    '\u{13441}\u{13441}': ['invisible', 'U+13441', 1],
    'Ada\ue000': ['characters', 'U+E000', 4],
    'Ada\u0378': ['characters', 'U+0378', 4],
    'Ada\ud800': ['characters', 'U+D800', 4],
  } as const
  for (const [text, [fault, character, position]] of Object.entries(refused))
    assert.deepEqual(nameOf(text), { fault, character, position }, JSON.stringify(text))
})

test('a joiner is part of a name where it changes what is seen, and is refused by its name elsewhere', () => {
  const names = [
    'Ada 👩‍🚀',
    '❤️ Zoë',
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿 Tom',
    '👨‍👩‍👧‍👦 2',
    'علی\u200cرضا',
    'نامه\u200cای',
    'മോഹന്\u200d',
    'ശ്രീക്കുട്ടന്\u200d 1',
    'ශ්\u200dරී',
    'क्\u200cष',
  ]
  for (const name of names) assert.equal(nameOf(name), name.normalize('NFC'), JSON.stringify(name))
  const zwnj = 'U+200C ZERO WIDTH NON-JOINER'
  const zwj = 'U+200D ZERO WIDTH JOINER'
  const refused = {
    'A\u200dda': [zwj, 2],
    'A\u200cda': [zwnj, 2],
    'Ada\u200d': [zwj, 4],
    // Alef joins nothing after it.
    'ا\u200cب': [zwnj, 2],
    'علی\u200c': [zwnj, 4],
    'ന്\u200d\u200dx': [zwj, 4],
    'ക\u200dക': [zwj, 2],
    '🙂\u200d🙂 Ada': [zwj, 2],
  } as const
  for (const [text, [character, position]] of Object.entries(refused))
    assert.deepEqual(nameOf(text), { fault: 'joiner', character, position }, JSON.stringify(text))
})

test('what nobody sees tells no two names apart', () => {
  for (const [name, bare] of [
    ['علی\u200cرضا', 'علیرضا'],
    ['മോഹന്\u200d', 'മോഹന്'],
    ['Ada\u3164', 'Ada'],
    ['\u200bA\u00adda\ufe0f\u115f', 'Ada'],
    ['Ada\u2800', 'Ada'],
  ] as const) {
    assert.equal(skeletonOf(name), skeletonOf(bare), JSON.stringify(name))
    assert.ok(isSameName(name, bare))
  }
  assert.ok(isSameName('  Zoe\u0308   Müller ', 'Zoë Müller'))
  assert.ok(!isSameName('ada', 'Ada'))
})

test('names that differ by a vowel sign of their script are two', () => {
  for (const [one, other] of [
    ['राम', 'रमा'],
    ['രാമ', 'രമ'],
  ] as const)
    assert.notEqual(skeletonOf(one), skeletonOf(other))
  assert.equal(skeletonOf('שָׁלוֹם'), skeletonOf('שלום'))
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
