import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { packageRoot } from '../../../src/lib/root.ts'
import { apiOf, type Ask } from '../../helpers/api.ts'
import { password, startGame, type TestGame } from '../../helpers/game.ts'

let hunt: TestGame
let ask: Ask
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
  ask = apiOf(hunt.url)
})
after(() => hunt.close())

const headers = (key: string) => ({ 'Idempotency-Key': key })

test('a registration that is sent again is answered again, with the same token', async () => {
  const body = { name: 'Sent Twice', password }
  const first = await ask('POST', '/players', { body, headers: headers('reg-1') })
  const again = await ask('POST', '/players', { body, headers: headers('reg-1') })
  assert.equal(first.headers.get('idempotency-replayed'), null)
  assert.equal(again.headers.get('idempotency-replayed'), 'true')
  assert.equal(again.status, 201)
  assert.deepEqual(again.body, first.body)
  assert.equal((await ask('GET', '/me', { token: again.body.token })).status, 200)
})

test('whoever reads the table finds neither token nor password nor key', async () => {
  const body = { name: 'Well Hidden', password }
  const { body: made } = await ask('POST', '/players', { body, headers: headers('very-own-key') })
  const rows = await hunt.game.sql<{ row: string }[]>`select k::text as row from idempotency_keys k`
  const table = rows.map(({ row }) => row).join('\n')
  assert.ok(rows.length > 0)
  for (const secret of [made.token, made.token.slice(4), password, 'very-own-key', made.slug])
    assert.ok(!table.includes(secret) && !table.includes(Buffer.from(secret).toString('base64')), secret)
})

test('the same key with another request is refused', async () => {
  const player = await hunt.register('Key Reuser')
  const make = (name: string) =>
    ask('POST', '/tokens', { token: player.token, body: { name }, headers: headers('k') })
  assert.equal((await make('one')).status, 201)
  const other = await make('two')
  assert.equal(other.status, 422)
  assert.equal(other.body.code, 'idempotency-reused')
  const elsewhere = await ask('POST', '/challenges/first/submissions', {
    token: player.token,
    headers: headers('k'),
  })
  assert.equal(elsewhere.body.code, 'idempotency-reused')
  const neighbour = await hunt.register('Key Neighbour')
  const same = await ask('POST', '/tokens', {
    token: neighbour.token,
    body: { name: 'two' },
    headers: headers('k'),
  })
  assert.equal(same.status, 201, 'keys of two players have nothing to do with each other')
})

test('of ten at once with one key one is done; the others get its answer or are asked to come again', async () => {
  const player = await hunt.register('Key Racer')
  const make = () =>
    ask('POST', '/tokens', { token: player.token, body: { name: 'raced' }, headers: headers('race') })
  const all = await Promise.all(Array.from({ length: 10 }, make))
  const made = all.filter(({ status }) => status === 201)
  assert.ok(made.length >= 1)
  assert.equal(new Set(made.map(({ body }) => body.token)).size, 1)
  for (const one of all.filter(({ status }) => status !== 201)) {
    assert.equal(one.body.code, 'idempotency-running')
    assert.equal(one.headers.get('retry-after'), '1')
  }
  const { body } = await ask('GET', '/tokens', { token: player.token })
  assert.equal(body.rows.filter(({ name }) => name === 'raced').length, 1)
})

test('what was refused may be asked again with its key', async () => {
  const player = await hunt.register('Second Chance')
  const take = () =>
    ask('POST', '/challenges/first/hints/2', { token: player.token, headers: headers('hint') })
  assert.equal((await take()).body.code, 'hint-order')
  await ask('POST', '/challenges/first/hints/1', { token: player.token })
  assert.equal((await take()).status, 200)
})

test('a request that died with its process can be sent again after a minute, and not before', async () => {
  const player = await hunt.register('Crash Survivor')
  const make = () =>
    ask('POST', '/tokens', { token: player.token, body: { name: 'late' }, headers: headers('crash') })
  const { body } = await make()
  const forget = (age: string) => hunt.game.sql`
    update idempotency_keys set status = null, body = null, created_at = now() - ${age}::interval
    where scope = ${`member ${player.memberId}`}`
  await forget('10 seconds')
  assert.equal((await make()).body.code, 'idempotency-running')
  await forget('2 minutes')
  const again = await make()
  assert.equal(again.status, 201)
  assert.notEqual(again.body.token, body.token)
})

test('a key that is none is refused', async () => {
  const player = await hunt.register('Odd Key')
  const { status, body } = await ask('POST', '/tokens', {
    token: player.token,
    body: { name: 'x' },
    headers: headers('x'.repeat(256)),
  })
  assert.equal(status, 422)
  assert.equal(body.code, 'idempotency-key')
})
