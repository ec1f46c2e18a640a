import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { packageRoot } from '../../../src/lib/root.ts'
import { apiOf, logIn, type Ask } from '../../helpers/api.ts'
import { password, startGame, type TestGame } from '../../helpers/game.ts'

let hunt: TestGame
let ask: Ask
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
  ask = apiOf(hunt.url)
})
after(() => hunt.close())

const enter = (name: string, more: object = {}) =>
  ask('POST', '/players', { body: { name, password, ...more } })

test('a script registers, and its token opens its own row and workspace', async () => {
  const made = await enter('Ada Lovelace', { language: 'fr' })
  assert.equal(made.status, 201)
  assert.equal(made.body.slug, 'adalovelace')
  assert.deepEqual(made.body.workspace.repositories[0], {
    name: 'first',
    url: `${hunt.url}/git/adalovelace/first.git`,
    username: 'adalovelace',
    password: 'your token',
    challenges: ['first'],
  })
  const { token } = made.body
  const me = await ask('GET', '/me', { token })
  assert.equal(me.body.name, 'Ada Lovelace')
  assert.equal(me.body.language, 'fr')
  assert.equal(me.body.score, 0)
  const workspace = await ask('GET', '/workspace', { token })
  assert.deepEqual(workspace.body, made.body.workspace)
  assert.equal(me.headers.get('cache-control'), 'no-store')
})

test('every field that is wrong is named', async () => {
  const { status, body } = await ask('POST', '/players', { body: { name: 3, pasword: 'x' } })
  assert.equal(status, 422)
  assert.equal(body.code, 'invalid')
  assert.deepEqual(body.errors.map((error) => error.field).sort(), ['', 'name', 'password'])
  assert.match(body.detail, /pasword/)
})

test('a name in the skeleton of another is taken, a short password is said to be short', async () => {
  assert.equal((await enter('Mira Roerich')).status, 201)
  const twin = await enter('M1ra Roerich')
  assert.equal(twin.status, 409)
  assert.equal(twin.body.code, 'name-taken')
  const short = await ask('POST', '/players', { body: { name: 'Somebody', password: 'abc' } })
  assert.equal(short.status, 422)
  assert.equal(short.body.code, 'password-short')
})

test('links use the address by which the visitor came, unless it is none', async () => {
  const player = await hunt.register('Far Away')
  const urlBy = async (host: string) => {
    const [line] = await new Promise<string[]>((resolve, reject) => {
      const headers = { Host: host, Authorization: `Bearer ${player.token}` }
      const asked = request(`${hunt.url}/api/v1/workspace`, { headers }, (res) => {
        res
          .setEncoding('utf8')
          .toArray()
          .then(resolve as (value: string[]) => void, reject)
      })
      asked.on('error', reject).end()
    })
    return (JSON.parse(line ?? '') as { repositories: { url: string }[] }).repositories[0]?.url
  }
  assert.equal(await urlBy('hunt.lan:8080'), 'http://hunt.lan:8080/git/faraway/first.git')
  assert.match((await urlBy('evil.example/x?"')) ?? '', /^http:\/\/localhost:\d+\/git\//)
})

test('what is not JSON, too large or bottomless gets a clear answer', async () => {
  const text = await ask('POST', '/players', { body: 'name=x', headers: { 'Content-Type': 'text/plain' } })
  assert.equal(text.status, 415)
  const broken = await ask('POST', '/players', { body: '{"name": ' })
  assert.equal(broken.status, 400)
  assert.equal(broken.body.detail, 'The body is not JSON.')
  const large = await ask('POST', '/players', { body: { name: 'x'.repeat(1_000_000), password } })
  assert.equal(large.status, 413)
  assert.match(large.body.detail, /100 kB/)
  const deep = await ask('POST', '/players', { body: `{"name": ${'['.repeat(10_000)}${']'.repeat(10_000)}}` })
  assert.equal(deep.status, 422)
  assert.equal(deep.body.errors[0]?.field, 'name')
})

test('without a token, with a wrong one or a password nothing private opens', async () => {
  for (const headers of [
    {},
    { Authorization: `Bearer shb_${'A'.repeat(43)}` },
    { Authorization: `Basic ${Buffer.from(`adalovelace:${password}`).toString('base64')}` },
  ]) {
    const { status, headers: said } = await ask('GET', '/me', { headers: headers })
    assert.equal(status, 401)
    assert.match(said.get('www-authenticate') ?? '', /^Bearer/)
  }
})

test('a token is taken as it was pasted, with what copying brings along', async () => {
  const player = await hunt.register('Paste Pot')
  const repository = `${hunt.url}/git/${player.slug}/first.git/info/refs?service=git-upload-pack`
  const [start, end] = [player.token.slice(0, 20), player.token.slice(20)]
  for (const pasted of [
    `${player.token} `,
    `${player.token}\n`,
    `${player.token}\r\n`,
    `\ufeff${player.token}\u200b`,
    `${start}\n  ${end}`,
  ]) {
    const Authorization = `Basic ${Buffer.from(`${player.slug}:${pasted}`).toString('base64')}`
    assert.equal((await fetch(repository, { headers: { Authorization } })).status, 200, pasted)
  }
  for (const Authorization of [
    `Bearer  ${player.token}`,
    `bearer ${player.token}\t`,
    `Bearer ${start} ${end}`,
  ])
    assert.equal((await ask('GET', '/me', { headers: { Authorization } })).status, 200, Authorization)
})

test('a session reads and never writes, so that no page elsewhere can act for a player', async () => {
  const player = await hunt.register('Cookie Reader')
  const Cookie = await logIn(hunt.url, 'Cookie Reader')
  assert.equal((await ask('GET', '/me', { headers: { Cookie } })).body.slug, player.slug)
  assert.equal((await ask('POST', '/tokens', { headers: { Cookie }, body: { name: 'x' } })).status, 401)
  assert.equal((await ask('DELETE', '/me', { headers: { Cookie } })).status, 401)
  assert.equal((await ask('GET', '/me', { token: player.token })).status, 200)
})

test('tokens are made, listed without their text, revoked; another’s cannot even be seen', async () => {
  const one = await hunt.register('Token Maker')
  const two = await hunt.register('Token Thief')
  const made = await ask('POST', '/tokens', { token: one.token, body: { name: 'laptop' } })
  assert.equal(made.status, 201)
  assert.match(made.body.token, /^shb_/)
  const listed = await ask('GET', '/tokens', { token: one.token })
  assert.deepEqual(
    listed.body.rows.map((row) => row.name),
    ['first token', 'laptop'],
  )
  assert.ok(!JSON.stringify(listed.body).includes('shb_'))
  assert.equal((await ask('DELETE', `/tokens/${made.body.id}`, { token: two.token })).status, 404)
  assert.equal((await ask('DELETE', `/tokens/${made.body.id}`, { token: one.token })).status, 204)
  assert.equal((await ask('GET', '/me', { token: made.body.token })).status, 401)
  assert.equal((await ask('DELETE', '/tokens/none', { token: one.token })).status, 404)
})

test('leaving removes the name and the credentials', async () => {
  const player = await hunt.register('Soon Gone')
  assert.equal((await ask('DELETE', '/me', { token: player.token })).status, 204)
  assert.equal((await ask('GET', '/me', { token: player.token })).status, 401)
  const rows = await hunt.game.sql`select name, state from players where id = ${player.playerId}`
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [{ name: null, state: 'left' }],
  )
})

test('who asks too often is told when to come again, and how much is left before', async () => {
  const strict = await startGame({
    challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small'),
    settings: { LIMIT_SUBMISSIONS_PER_MINUTE: '2' },
  })
  try {
    const player = await strict.register('Eager Beaver')
    const other = await strict.register('Calm Beaver')
    const submit = (token: string) => apiOf(strict.url)('POST', '/challenges/first/submissions', { token })
    const first = await submit(player.token)
    assert.equal(first.status, 202)
    assert.match(first.headers.get('ratelimit') ?? '', /^"submissions"; r=1; t=\d+$/)
    assert.equal((await submit(player.token)).status, 202)
    const third = await submit(player.token)
    assert.equal(third.status, 429)
    assert.equal(third.body.code, 'too-many')
    assert.ok(Number(third.headers.get('retry-after')) >= 1)
    assert.equal(
      (await submit(other.token)).status,
      202,
      'neighbours behind the same address are not held up',
    )
  } finally {
    await strict.close()
  }
})
