import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import request from 'supertest'
import { packageRoot } from '../../src/lib/root.ts'
import { tell } from '../../src/db/events.ts'
import { until } from '../helpers/until.ts'
import { startGame, type TestGame } from '../helpers/game.ts'

let hunt: TestGame
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
})
after(() => hunt.close())
const get = (path: string) => request(hunt.master.app).get(path)

test('monitoring sees that the server lives, that it can serve, and how it does', async () => {
  await get('/healthz').expect(200, { status: 'ok' })
  await get('/readyz').expect(200, { status: 'ready', missing: {} })
  const metrics = await get('/metrics').expect(200)
  for (const name of [
    'shambhala_http_request_duration_seconds',
    'shambhala_event_readers',
    'shambhala_players',
  ]) {
    assert.match(metrics.text, new RegExp(`^# TYPE ${name} `, 'm'))
  }
})

test('metrics are for this machine, and for nobody whom a proxy on it brings', async () => {
  for (const [name, value] of [
    ['X-Forwarded-For', '127.0.0.1'],
    ['X-Real-IP', '198.51.100.7'],
    ['Forwarded', 'for=127.0.0.1'],
    ['Via', '1.1 proxy'],
    ['Host', 'hunt.example.org'],
    ['Authorization', 'Bearer guess'],
  ] as const) {
    const answer = await get('/metrics').set(name, value)
    assert.equal(answer.status, 403, name)
    assert.match(answer.text, /METRICS_TOKEN/)
    assert.doesNotMatch(answer.text, /shambhala_/)
  }
  await get('/healthz').set('X-Forwarded-For', '198.51.100.7').expect(200)
})

test('behind a proxy metrics are for whoever has the token', async () => {
  const token = 'a token of the monitoring'.replaceAll(' ', '-')
  const behind = await startGame({
    challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small'),
    settings: { METRICS_TOKEN: token, BASE_URL: 'https://hunt.example.org', LIMIT_ACCOUNT_PER_MINUTE: '5' },
  })
  try {
    const ask = (authorization?: string) => {
      const asked = request(behind.master.app).get('/metrics')
      return authorization === undefined ? asked : asked.set('Authorization', authorization)
    }
    await ask().expect(401)
    await ask(`Bearer ${token}`).set('X-Forwarded-For', '198.51.100.7').expect(200)
    for (let round = 0; round < 5; round += 1) await ask('Bearer guess').expect(401)
    await ask('Bearer guess').expect(429)
    await ask(`Bearer ${token}`).expect(200)
  } finally {
    await behind.close()
  }
})

test('while the leaderboard stands still, metrics tell of no solve', async () => {
  const { sql, settings, bus } = hunt.game
  const solves = async () =>
    (await get('/metrics').expect(200)).text.match(/^shambhala_solves_total.*$/gm) ?? []
  const player = await hunt.register('Hidden Hero')
  const set = async (freeze: string | null) => {
    await sql.begin(async (transaction) => {
      await transaction`update hunt set overrides = jsonb_set(overrides, '{freeze}', ${JSON.stringify(freeze)}::text::jsonb)`
      await tell(transaction, 'hunt', null, 'window')
    })
    await until('the freeze', 20, () => settings.frozen() === (freeze !== null))
  }
  await set(new Date(Date.now() - 60_000).toISOString())
  const before = await solves()
  const heard = new Promise<void>((resolve) => bus.listen((note) => note.kind === 'solve' && resolve()))
  await sql.begin((transaction) => tell(transaction, 'solve', player.playerId, 'first'))
  await heard
  assert.deepEqual(await solves(), before)
  await set(null)
  assert.deepEqual(await solves(), ['shambhala_solves_total{challenge="first"} 1'])
})

test('pages carry a strict policy and nothing that would break a hunt on plain HTTP', async () => {
  const { headers, text } = await get('/').expect(200)
  const policy = String(headers['content-security-policy'])
  assert.match(policy, /default-src 'none'/)
  assert.match(policy, /script-src 'self'(;|$)/)
  assert.doesNotMatch(policy, /unsafe|upgrade-insecure-requests/)
  assert.equal(headers['strict-transport-security'], undefined)
  assert.equal(headers['x-powered-by'], undefined)
  assert.match(String(headers['x-request-id']), /^[0-9a-f-]{36}$/)
  assert.doesNotMatch(text, /<script(?![^>]*\bsrc=)|<style|\sstyle="|\son\w+="/)
})

test('the hunt’s own files are served, and no others', async () => {
  await get('/assets/css/base.css').expect(200).expect('Content-Type', /css/)
  await get('/assets/fonts/alegreya/alegreya-latin-700-normal.woff2').expect(200)
  for (const path of [
    '/assets/../package.json',
    '/assets/%2e%2e/package.json',
    '/assets/.env',
    '/assets/fonts/alegreya/../package.json',
  ]) {
    const answer = await get(path)
    assert.ok(answer.status >= 400, `${path} answered ${answer.status}`)
  }
})

test('a form without its token changes nothing and says what to do', async () => {
  const answer = await request(hunt.master.app)
    .post('/join')
    .type('form')
    .send({ name: 'Mallory', password: 'long enough' })
    .expect(403)
  assert.match(answer.text, /This form has waited too long/)
  const rows = await hunt.game.sql`select 1 from players where name = 'Mallory'`
  assert.equal(rows.length, 0)
})

test('a link made for one host never carries another that a visitor made up', async () => {
  const { text } = await get('/leaderboard?screen').set('Host', 'evil.example/"><script>').expect(200)
  assert.doesNotMatch(text, /evil\.example/)
})
