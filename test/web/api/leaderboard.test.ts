import assert from 'node:assert/strict'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { packageRoot } from '../../../src/lib/root.ts'
import { apiOf, type Ask } from '../../helpers/api.ts'
import { startGame, type TestGame } from '../../helpers/game.ts'

let hunt: TestGame
let ask: Ask
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
  ask = apiOf(hunt.url)
  await hunt.game.sql`
    insert into players (slug, name, skeleton)
    select 'p' || n, 'Player ' || lpad(n::text, 3, '0'), 'player ' || n from generate_series(1, 250) n`
  await changed(() => hunt.game.leaderboard.rebuild())
})
after(() => hunt.close())

/** Resolves once what was done is published. */
async function changed(work: () => Promise<unknown>): Promise<void> {
  const published = new Promise<void>((resolve) => {
    const off = hunt.game.leaderboard.subscribe(() => {
      off()
      resolve()
    })
  })
  await work()
  await published
}

test('the leaderboard comes in pages of a hundred, each naming the next', async () => {
  const seen: number[] = []
  let next: string | number | null = 0
  while (next !== null) {
    const { body } = await ask('GET', `/leaderboard?after=${next}`)
    assert.equal(body.total, 250)
    seen.push(...body.rows.map(({ rank }) => rank))
    next = body.next
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 250 }, (_, index) => index + 1),
  )
  assert.deepEqual((await ask('GET', '/leaderboard?after=9999999')).body.rows, [])
  assert.equal((await ask('GET', '/leaderboard?after=-1')).body.errors[0]?.field, 'after')
})

test('the page around a player holds them, and there is none around nobody', async () => {
  const { body } = await ask('GET', '/leaderboard?around=p150')
  assert.equal(body.rows[0]?.rank, 101)
  assert.ok(body.rows.some(({ slug }) => slug === 'p150'))
  const none = await ask('GET', '/leaderboard?around=nobody')
  assert.equal(none.status, 404)
  assert.equal(none.body.code, 'no-player')
})

test('a page that has not changed is not sent again; one that has is', async () => {
  const address = `${hunt.url}/api/v1/leaderboard`
  const first = await fetch(address)
  const etag = first.headers.get('etag') ?? ''
  assert.match(first.headers.get('cache-control') ?? '', /public/)
  const again = await fetch(address, { headers: { 'If-None-Match': `"other", ${etag}` } })
  assert.equal(again.status, 304)
  assert.equal(await again.text(), '')
  await changed(() => hunt.register('Late Comer'))
  const later = await fetch(address, { headers: { 'If-None-Match': etag } })
  assert.equal(later.status, 200)
  assert.notEqual(later.headers.get('etag'), etag)
})

test('it comes compressed to whom that is fine, and says the same', async () => {
  const read = async (encoding: string) => {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { 'Accept-Encoding': encoding }
      request(`${hunt.url}/api/v1/leaderboard`, { headers }, resolve).on('error', reject).end()
    })
    return { headers: response.headers, body: Buffer.concat((await response.toArray()) as Buffer[]) }
  }
  const plain = await read('identity')
  const gzip = await read('br, gzip')
  assert.equal(plain.headers['content-encoding'], undefined)
  assert.equal(gzip.headers['content-encoding'], 'gzip')
  assert.match(gzip.headers.vary ?? '', /Accept-Encoding/)
  assert.ok(gzip.body.length < plain.body.length / 2)
  assert.deepEqual(gunzipSync(gzip.body), plain.body)
})

test('reading it runs no query: it answers while every table is locked', async () => {
  await hunt.database.sql.begin(async (sql) => {
    await sql`lock table players, members, solves, submissions, hunt, challenges, sessions, tokens in access exclusive mode`
    for (const path of [
      '/leaderboard',
      '/leaderboard?after=100',
      '/leaderboard?around=p7',
      '/hunt',
      '/openapi.json',
    ])
      assert.equal((await ask('GET', path)).status, 200, path)
  })
})
