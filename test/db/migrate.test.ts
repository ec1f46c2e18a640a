import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { connect } from '../../src/db/client.ts'
import { migrate, migrationsFolder, readMigrations } from '../../src/db/migrate.ts'
import { silentLog as log } from '../../src/lib/log.ts'
import { faultSaying } from '../helpers/faults.ts'
import { testDatabase } from '../helpers/postgres.ts'

const first = '0001_first.sql'
const second = '0002_second.sql'

/** An empty schema in a database of its own, and a folder of migrations. */
async function scene(context: TestContext, files: Record<string, string>) {
  const { sql, url, close } = await testDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'))
  context.after(async () => {
    await close()
    await rm(folder, { recursive: true })
  })
  await sql`drop schema public cascade`
  await sql`create schema public`
  const write = (file: string, text: string) => writeFile(join(folder, file), text)
  for (const [file, text] of Object.entries(files)) await write(file, text)
  return { sql, url, folder, write, run: () => migrate(sql, { log, folder }) }
}

test('an empty database gets every migration in order, and a second start finds nothing to do', async (context) => {
  const { run, sql } = await scene(context, {
    [first]: 'create table a (x int); insert into a values (1);',
    [second]: 'alter table a rename to b;',
  })
  assert.deepEqual(await run(), [first, second])
  assert.deepEqual(await run(), [])
  assert.deepEqual([...(await sql`select x from b`)], [{ x: 1 }])
})

test('a migration added later runs alone', async (context) => {
  const { run, write } = await scene(context, { [first]: 'create table a (x int)' })
  await run()
  await write(second, 'create table b (x int)')
  assert.deepEqual(await run(), [second])
})

test('the schema of this version builds from nothing', async (context) => {
  const { sql } = await scene(context, {})
  const files = (await readMigrations(migrationsFolder())).map(({ file }) => file)
  assert.deepEqual(await migrate(sql, { log }), files)
})

test('an old migration that was edited is refused by name', async (context) => {
  const { run, write } = await scene(context, { [first]: 'create table a (x int)' })
  await run()
  await write(first, 'create table a (x bigint)')
  await assert.rejects(run(), faultSaying(/0001_first\.sql is not the one .* new migration/))
})

test('a checkout with Windows line ends is no edit', async (context) => {
  const { run, write } = await scene(context, { [first]: 'create table a (\n x int\n)' })
  await run()
  await write(first, 'create table a (\r\n x int\r\n)')
  assert.deepEqual(await run(), [])
})

test('a database that a newer version wrote is refused, and left as it is', async (context) => {
  const { run, folder, sql } = await scene(context, {
    [first]: 'select 1',
    [second]: 'create table b (x int)',
  })
  await run()
  await rm(join(folder, second))
  await assert.rejects(run(), faultSaying(/newer version \(it has 0002_second\.sql\)/))
  assert.deepEqual([...(await sql`select x from b`)], [])
})

test('a migration that fails leaves nothing of itself, and the line is named', async (context) => {
  const { run, sql, write } = await scene(context, {
    [first]: 'create table a (x int)',
    [second]: 'create table b (x int);\ninsert into nowhere values (1);',
  })
  await assert.rejects(run(), faultSaying(/0002_second\.sql:2: relation "nowhere" does not exist/))
  const [tables] = await sql`select to_regclass('a') is not null as a, to_regclass('b') is not null as b`
  assert.deepEqual({ ...tables }, { a: true, b: false })
  await write(second, 'create table b (x int)')
  assert.deepEqual(await run(), [second])
})

test('a gap, a number used twice or a misnamed file is refused before anything runs', async (context) => {
  const { run, folder, write, sql } = await scene(context, { [first]: 'create table a (x int)' })
  for (const file of ['0003_gap.sql', '0001_twice.sql', '2_short.sql']) {
    await write(file, 'select 1')
    await assert.rejects(run(), faultSaying(/expected 000\d_name\.sql next/))
    await rm(join(folder, file))
  }
  const [table] = await sql`select to_regclass('a') as a`
  assert.equal(table?.['a'], null)
})

test('two servers that start at once migrate once', async (context) => {
  const { url, folder, sql } = await scene(context, {
    [first]: 'create table a (x int); select pg_sleep(0.05);',
    [second]: 'insert into a values (1); select pg_sleep(0.05);',
  })
  const pools = [1, 2, 3].map(() => connect(url, { max: 1, log }))
  const applied = await Promise.all(pools.map((pool) => migrate(pool, { log, folder })))
  const rows = await sql`select x from a`
  await Promise.all(pools.map((pool) => pool.end()))
  assert.deepEqual(applied.flat().sort(), [first, second])
  assert.equal(rows.length, 1)
})
