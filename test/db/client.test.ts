import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../../src/db/client.ts'
import { silentLog as log } from '../../src/lib/log.ts'
import { testDatabase, type TestDatabase } from '../helpers/postgres.ts'

let database: TestDatabase
before(async () => {
  database = await testDatabase()
})
after(() => database.close())

test('columns read as camelCase, and the content of jsonb comes back as it was stored', async () => {
  const stored = { snake_key: [{ inner_key: 1 }], 'kebab-key': null }
  const [row] = await database.sql`select ${database.sql.json(stored)} as stored_value`
  assert.deepEqual({ ...row }, { storedValue: stored })
})

test('a bigint keeps every digit and a time is a Date', async () => {
  const [row] = await database.sql`
    select 9007199254740993::bigint as id, '2026-01-02T03:04:05.678+02:00'::timestamptz as at`
  assert.deepEqual({ ...row }, { id: '9007199254740993', at: new Date('2026-01-02T01:04:05.678Z') })
})

test('a row is written by its camelCase names', async () => {
  await database.sql`insert into challenges ${database.sql({ id: 'torn-map', firstSeenAt: new Date(0) })}`
  const [row] = await database.sql`select first_seen_at from challenges where id = 'torn-map'`
  assert.deepEqual(row?.['firstSeenAt'], new Date(0))
})

test('nothing is printed when PostgreSQL sends a notice', async (context) => {
  const print = context.mock.method(console, 'log')
  await database.sql`create table if not exists challenges (id text)`
  assert.equal(print.mock.callCount(), 0)
})

test('a pool whose sessions were cut off serves the next query', async () => {
  const pool = connect(database.url, { max: 2, log, name: 'to be cut' })
  try {
    await Promise.all([pool`select pg_sleep(0.01)`, pool`select pg_sleep(0.01)`])
    await database.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'to be cut'`
    await sleep(100)
    assert.deepEqual([...(await pool`select 1 as one`)], [{ one: 1 }])
  } finally {
    await pool.end()
  }
})

test('names are ordered as people expect, whatever the machine speaks', async () => {
  const rows = await database.sql<{ name: string }[]>`
    select name from unnest(array['Zoé', 'adam', 'Élise', 'eva', 'Étienne', 'Bo']) as name order by name`
  assert.deepEqual(
    rows.map(({ name }) => name),
    ['adam', 'Bo', 'Élise', 'Étienne', 'eva', 'Zoé'],
  )
})

test('a test that leaves a connection open is told so', async () => {
  const other = await testDatabase()
  const forgotten = connect(other.url, { max: 1, log })
  await forgotten`select 'forgotten'`
  await assert.rejects(other.close(), /left open.*forgotten/)
  await forgotten.end()
})
