import assert from 'node:assert/strict'
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { migrate, migrationsFolder } from '../../src/db/migrate.ts'
import { silentLog as log } from '../../src/lib/log.ts'
import { testDatabase } from '../helpers/postgres.ts'

/** The schema as it was before the audit log spoke by number. */
async function oldSchema(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'))
  const files = (await readdir(migrationsFolder())).filter((file) => file < '0009')
  for (const file of files) await copyFile(join(migrationsFolder(), file), join(folder, file))
  return folder
}

test('an audit log that named players by slug speaks by number after the upgrade, and is append-only again', async () => {
  const database = await testDatabase()
  const folder = await oldSchema()
  const { sql } = database
  try {
    await sql`drop schema public cascade`
    await sql`create schema public`
    await migrate(sql, { log, folder })
    await sql`insert into players (slug, name, skeleton) values ('tara', 'Tara', 'tara'), ('member', 'Member', 'member')`
    await sql`
      insert into players (slug, state, left_at) overriding system value values ('left1abc', 'left', now())`
    const said = [
      ['registered', 'player tara', {}],
      ['hint-taken', 'tara/torn-map', { number: 1 }],
      ['repository-reset', 'tara/atlas', {}],
      ['registered', 'player zoe', {}],
      ['hint-taken', 'zoe/torn-map', {}],
      ['left', 'player left1abc', {}],
      ['renamed', 'member 5', {}],
      ['registered', 'player member', {}],
      ['image-deleted', 'player tara', { repository: 'tara-app', digest: 'sha256:1' }],
      ['board-torn-down', 'hunt the-lost-city', {}],
      ['token-created', 'token 9', {}],
      ['paused', 'hunt', {}],
    ] as const
    for (const [action, subject, detail] of said)
      await sql`insert into audit (action, subject, detail) values (${action}, ${subject}, ${sql.json(detail)})`
    await migrate(sql, { log })
    const rows = await sql<
      { subject: string; detail: unknown }[]
    >`select subject, detail from audit order by id`
    const [first] = await sql<{ id: string }[]>`select id from players where slug = 'tara'`
    const [third] = await sql<{ id: string }[]>`select id from players where slug = 'left1abc'`
    const [second] = await sql<{ id: string }[]>`select id from players where slug = 'member'`
    assert.deepEqual(
      rows.map(({ subject }) => subject),
      [
        `player ${first?.id}`,
        `player ${first?.id}: torn-map`,
        `player ${first?.id}: atlas`,
        'a player who left',
        'a player who left: torn-map',
        `player ${third?.id}`,
        'member 5',
        `player ${second?.id}`,
        `player ${first?.id}`,
        'hunt the-lost-city',
        'token 9',
        'hunt',
      ],
    )
    assert.deepEqual(rows[8]?.detail, { digest: 'sha256:1' })
    await assert.rejects(sql`update audit set action = 'nothing'`, /append-only/)
  } finally {
    await rm(folder, { recursive: true })
    await database.close()
  }
})
