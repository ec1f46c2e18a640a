import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { jsonOf } from '../../src/db/json.ts'
import { testDatabase, type TestDatabase } from '../helpers/postgres.ts'

let database: TestDatabase
before(async () => {
  database = await testDatabase()
})
after(() => database.close())

test('what players wrote is kept though it holds U+0000 or half of a character, and all else as it was', async () => {
  const cut = '😀'.slice(0, 1)
  const kept: [unknown, unknown][] = [
    ['a\0b', 'a\ufffdb'],
    [`a${cut}`, 'a\ufffd'],
    [`${'😀'.slice(1)}b`, '\ufffdb'],
    ['\\u0000 \\\\ud83d "\n\u001b 😀', '\\u0000 \\\\ud83d "\n\u001b 😀'],
    [{ [`k\0${cut}`]: [null, 1, '\\\0'] }, { 'k\ufffd\ufffd': [null, 1, '\\\ufffd'] }],
  ]
  for (const [given, expected] of kept) {
    const [row] = await database.sql<{ content: unknown }[]>`select ${jsonOf(given)}::text::jsonb as content`
    assert.deepEqual(row?.content, expected)
  }
})
