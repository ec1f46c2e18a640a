import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { writeFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../../src/db/client.ts'
import { meetHosted } from '../../src/db/hosted.ts'
import { silentLog as log } from '../../src/lib/log.ts'
import { faultSaying } from '../helpers/faults.ts'
import { bounce, lacksPgBouncer, withTls } from '../helpers/pgbouncer.ts'
import { testDatabase, type TestDatabase } from '../helpers/postgres.ts'

let database: TestDatabase
before(async () => {
  database = await testDatabase()
})
after(() => database.close())

const withQuery = (query: string) => `${database.url.split('?')[0]}?${query}`

describe('A database that somebody else runs', () => {
  for (const query of [
    '',
    'sslmode=prefer',
    'sslmode=allow&keepalives=1&keepalives_idle=30',
    'sslmode=disable&application_name=hunt&target_session_attrs=read-write',
    'sslmode=disable&options=-c%20statement_timeout%3D60000&channel_binding=prefer&gssencmode=disable',
    'target_session_attrs=any&connect_timeout=5&client_encoding=UTF8',
  ])
    test(`is used with “${query}”`, async () => {
      await meetHosted(withQuery(query), log)
    })

  test('gets the session that the address asks for', async () => {
    const sql = connect(
      withQuery('sslmode=disable&application_name=yak&options=-c%20statement_timeout%3D61s'),
      {
        max: 1,
        log,
      },
    )
    try {
      const [row] = await sql`
        select current_setting('application_name') as name, current_setting('statement_timeout') as timeout`
      assert.deepEqual({ ...row }, { name: 'yak', timeout: '61s' })
    } finally {
      await sql.end()
    }
  })

  for (const [query, said] of [
    ['sslmode=require', /TLS/],
    ['sslmode=verify-full', /TLS/],
    ['sslmode=require&channel_binding=require', /TLS/],
    ['sslmode=verify-full&sslrootcert=/nowhere/root.crt', /sslrootcert cannot be read/],
    ['sslmode=disable&options=-c%20no_such_setting%3D1', /no_such_setting/],
  ] as const)
    test(`that does not carry “${query}” is refused in one sentence`, async () => {
      await assert.rejects(meetHosted(withQuery(query), log), faultSaying(said))
    })

  test('with a wrong password, no such database, or nobody there is told in one sentence without the password', async () => {
    const change = (edit: (url: URL) => void) => {
      const url = new URL(database.url)
      edit(url)
      return url.href
    }
    const cases = [
      [change((url) => (url.password = 'wrong-secret')), /does not let this user in/],
      [change((url) => (url.pathname = '/nowhere')), /no such database/],
      [change((url) => (url.port = '1')), /does not answer/],
      [change((url) => (url.hostname = 'no-such-host.invalid')), /not known to this machine/],
    ] as const
    for (const [url, said] of cases)
      await assert.rejects(meetHosted(url, log), (error: Error) => {
        assert.doesNotMatch(error.message, /wrong-secret/)
        return faultSaying(said)(error)
      })
  })

  test('that hangs up at the first word is told in one sentence', async (context) => {
    const port = await hangingUp(context)
    await assert.rejects(
      meetHosted(`postgres://a:b@127.0.0.1:${port}/c?sslmode=disable&connect_timeout=1`, log),
      faultSaying(/does not answer as PostgreSQL does within 6 s/),
    )
  })

  test('with an authority in a file is asked for its certificate', async () => {
    const file = join(tmpdir(), `authority-${process.pid}.pem`)
    await writeFile(file, '')
    await assert.rejects(
      meetHosted(withQuery(`sslmode=verify-ca&sslrootcert=${file}`), log),
      faultSaying(/TLS|certificate/),
    )
  })
})

describe('Behind a PgBouncer', { skip: lacksPgBouncer }, () => {
  for (const mode of ['transaction', 'statement'])
    test(`that hands sessions around (pool_mode = ${mode}) the server says so in one sentence`, async (context) => {
      const url = await bounce(context, database.url, { pool_mode: mode })
      await assert.rejects(meetHosted(url, log), faultSaying(/pool_mode = session/))
    })

  test('that hands sessions around, with idle ones and in turn, the server notices it all the same', async (context) => {
    const url = await bounce(context, database.url, { pool_mode: 'transaction', server_round_robin: '1' })
    const sessions = Array.from({ length: 4 }, () => connect(url, { max: 1, log }))
    await Promise.all(sessions.map((sql) => sql.begin((inside) => inside.unsafe('select pg_sleep(0.2)'))))
    await Promise.all(sessions.map((sql) => sql.end()))
    await assert.rejects(meetHosted(url, log), faultSaying(/pool_mode = session/))
  })

  test('that hands one session around the server notices it all the same', async (context) => {
    const url = await bounce(context, database.url, { pool_mode: 'transaction', default_pool_size: '1' })
    await assert.rejects(meetHosted(url, log), faultSaying(/pool_mode = session/))
  })

  test('that has too few sessions is told as that', async (context) => {
    const url = await bounce(context, database.url, { pool_mode: 'session', default_pool_size: '2' })
    await assert.rejects(meetHosted(`${url}&connect_timeout=1`, log), faultSaying(/fewer than 5 sessions/))
  })

  for (const listen_addr of ['127.0.0.1', '::1'])
    test(`that keeps a session for each client all is well, at ${listen_addr}`, async (context) => {
      await meetHosted(await bounce(context, database.url, { pool_mode: 'session', listen_addr }), log)
    })

  test('that speaks TLS alone it is followed as far as the address asks', async (context) => {
    const { settings, authority } = await withTls(context)
    const url = await bounce(context, database.url, { ...settings, listen_addr: '0.0.0.0' })
    const at = (host: string, query: string) => url.replace('0.0.0.0', host).replace('sslmode=disable', query)
    const full = `sslmode=verify-full&sslrootcert=${encodeURIComponent(authority)}`
    for (const query of [
      '',
      'sslmode=prefer',
      'sslmode=require',
      'ssl=true',
      full,
      `${full}&channel_binding=require`,
    ])
      await meetHosted(at('127.0.0.1', query), log)
    // A name that its certificate does not hold.
    await meetHosted(at('127.0.0.2', full.replace('full', 'ca')), log)
    for (const [host, query] of [
      ['127.0.0.2', full],
      ['127.0.0.1', 'sslmode=verify-full'],
      ['127.0.0.1', 'sslmode=require&channel_binding=require'],
    ] as const)
      await assert.rejects(
        meetHosted(at(host, query), log),
        faultSaying(/certificate of .* is not one that is trusted/),
      )
    await assert.rejects(meetHosted(at('127.0.0.1', 'sslmode=disable'), log), faultSaying(/TLS|SSL/))
  })

  test('at an address of IPv6 its certificate is held against that address', async (context) => {
    const { settings, authority } = await withTls(context)
    const url = await bounce(context, database.url, { ...settings, listen_addr: '::1' })
    const query = `sslmode=verify-full&sslrootcert=${encodeURIComponent(authority)}`
    await meetHosted(url.replace('sslmode=disable', query), log)
  })

  test('that does not take what the address asks for is told in one sentence', async (context) => {
    const url = await bounce(context, database.url, { pool_mode: 'session' })
    await assert.rejects(meetHosted(`${url}&options=-c%20x.y%3D1`, log), faultSaying(/options/))
  })
})

async function hangingUp(context: TestContext): Promise<number> {
  const server = createServer((socket) => {
    socket.once('data', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => server.close())
  const address = server.address()
  assert.ok(typeof address === 'object' && address)
  return address.port
}
