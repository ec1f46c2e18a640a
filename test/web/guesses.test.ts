import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import request from 'supertest'
import { stringify } from 'yaml'
import { setRegistration } from '../../src/game/upkeep/desk.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { testBudget } from '../helpers/cluster.ts'
import { password, startGame, type TestGame } from '../helpers/game.ts'
import { basic } from '../helpers/registry-clients.ts'

let hunt: TestGame
let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shambhala-guesses-'))
  const file = join(folder, 'board.yaml')
  // Nobody asks the registry for anything here: its tokens are the server's own.
  const registry = { host: 'localhost:1', plainHttp: true }
  await writeFile(file, stringify({ registry, budgets: { default: { ...testBudget, images: '1Mi' } } }))
  hunt = await startGame({
    challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small'),
    settings: {
      BOARD_FILE: file,
      LIMIT_ACCOUNT_PER_MINUTE: '5',
      TRUST_PROXY: 'true',
    },
  })
})
after(async () => {
  await hunt.close()
  await rm(folder, { recursive: true, force: true })
})

let addresses = 0
const anAddress = () => `198.51.${Math.floor((addresses += 1) / 250)}.${(addresses % 250) + 1}`

/** The redirect to a form that says what was wrong. */
const isRefused = ({ headers }: Pick<request.Response, 'headers'>) =>
  /[?&]form=/.test(String(headers['location']))

/** A browser at an address of its own; a form that is refused is read where it says so. */
function browser(address = anAddress()) {
  const agent = request.agent(hunt.master.app).set('X-Forwarded-For', address)
  return {
    agent,
    async post(page: string, action: string, fields: Record<string, string>) {
      const { text } = await agent.get(page)
      const csrf = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? ''
      const answer = await agent
        .post(action)
        .type('form')
        .send({ ...fields, _csrf: csrf })
      return isRefused(answer) ? await agent.get(String(answer.headers['location'])) : answer
    },
  }
}
type Browser = ReturnType<typeof browser>
const logIn = (visitor: Browser, name: string, secret: string) =>
  visitor.post('/login', '/login', { name, password: secret, next: '' })

/** Wrong ones, one after the other; what the last was answered. */
async function guess(visitor: Browser, name: string, times: number): Promise<number> {
  let status = 0
  for (let round = 0; round < times; round += 1)
    status = (await logIn(visitor, name, `guess ${round}`)).status
  return status
}

test('name and password in the address log nobody in', async () => {
  await hunt.register('Query Quinn')
  const visitor = browser()
  const query = new URLSearchParams({ name: 'Query Quinn', password })
  const answer = await visitor.post('/login', `/login?${query.toString()}`, {})
  assert.equal(answer.status, 422)
  assert.equal((await visitor.agent.get('/map')).status, 303)
  const twice = await visitor.agent.post('/login').type('form').send('name=a&name=b&password=c')
  assert.ok(twice.status < 500)
})

test('whoever guesses is held up, while the owner enters from elsewhere', async () => {
  await hunt.register('Owner Olga')
  const guesser = browser()
  assert.equal(await guess(guesser, 'Owner Olga', 5), 422)
  const held = await logIn(guesser, 'Owner Olga', password)
  assert.equal(held.status, 429)
  assert.ok(Number(held.headers['retry-after']) > 0)
  assert.equal((await logIn(browser(), 'Owner Olga', password)).status, 303)
})

test('guesses from everywhere make an account slow to log in, and never shut it', async () => {
  await hunt.register('Organizer Ono')
  for (let round = 0; round < 10; round += 1) await guess(browser(), 'Organizer Ono', 5)
  const started = performance.now()
  assert.equal((await logIn(browser(), 'Organizer Ono', password)).status, 303)
  assert.ok(performance.now() - started >= 500)
})

test('names that look alike are one account to whoever counts, and so are names of nobody', async () => {
  const visitor = browser()
  for (const name of ['Michael', 'MichaeI', 'Michae1', 'Mi\u200bchael', 'Місhael'])
    assert.equal((await logIn(visitor, name, 'guess')).status, 422)
  assert.equal((await logIn(visitor, 'michael', 'guess')).status, 429)
})

test('a hundred guesses at once are worth no more than one after the other', async () => {
  await hunt.register('Burst Bob')
  const visitor = browser()
  const { text } = await visitor.agent.get('/login')
  const csrf = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? ''
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, round) =>
      visitor.agent
        .post('/login')
        .type('form')
        .send({ name: 'Burst Bob', password: `guess ${round}`, next: '', _csrf: csrf }),
    ),
  )
  assert.equal(answers.filter(isRefused).length, 5)
  assert.ok(answers.every((answer) => isRefused(answer) || answer.status === 429))
})

test('right passwords are never too many, though they come at once', async () => {
  await hunt.register('Busy Bea')
  const address = anAddress()
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => logIn(browser(address), 'Busy Bea', password)),
  )
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([303]))
})

test('whoever sits at a page that was left open does not guess its password there', async () => {
  await hunt.register('Left Open')
  const visitor = browser()
  await logIn(visitor, 'Left Open', password)
  const change = (current: string) =>
    visitor.post('/me', '/me/password', { current, next: 'another long one' })
  for (let round = 0; round < 5; round += 1) assert.equal((await change(`guess ${round}`)).status, 422)
  const held = await change(password)
  assert.equal(held.status, 429)
  assert.ok(Number(held.headers['retry-after']) > 0)
  const owner = browser()
  await logIn(owner, 'Left Open', password)
  const changed = await owner.post('/me', '/me/password', { current: password, next: 'another long one' })
  assert.equal(changed.status, 303)
})

test('the code of registration is not found by trying', async () => {
  const organizer = await hunt.register('Code Keeper')
  await setRegistration(hunt.game, organizer.memberId, 'code', 'yak-butter-tea')
  const post = (code: string, name: string) =>
    request(hunt.master.app)
      .post('/api/v1/players')
      .set('X-Forwarded-For', '203.0.113.7')
      .send({ name, password, code })
  for (let round = 0; round < 50; round += 1) assert.equal((await post(`code ${round}`, 'Coda')).status, 403)
  assert.equal((await post('yak-butter-tea', 'Coda')).status, 429)
  await setRegistration(hunt.game, organizer.memberId, 'open', null)
})

test('a room that asks the registry for tokens before it logs in is told to log in, however large it is', async () => {
  const ask = () =>
    request(hunt.master.app).get('/registry/token?service=localhost:1').set('X-Forwarded-For', '203.0.113.8')
  for (let round = 0; round < 30; round += 1) assert.equal((await ask()).status, 401)
})

test('wrong tokens become too many, and keep nobody out whose token is right', async () => {
  const player = await hunt.register('Token Tom')
  const ask = (secret: string) =>
    request(hunt.master.app)
      .get('/registry/token?service=localhost:1')
      .set('X-Forwarded-For', '203.0.113.9')
      .set('Authorization', basic(player.slug, secret))
  for (let round = 0; round < 5; round += 1) assert.equal((await ask(`wrong ${round}`)).status, 401)
  assert.equal((await ask('wrong')).status, 429)
  assert.equal((await ask(player.token)).status, 200)
})

test('a token logs in at the registry under its owner’s name alone', async () => {
  const player = await hunt.register('Ada Lovelace')
  const ask = (name: string) =>
    request(hunt.master.app)
      .get('/registry/token?service=localhost:1')
      .set('Authorization', basic(name, player.token))
  for (const name of ['adalovelace', 'AdaLovelace ', 'Ada Lovelace', 'ada lovelace'])
    assert.equal((await ask(name)).status, 200, name)
  for (const name of ['bob', 'hunt', '']) {
    const refused = await ask(name)
    assert.equal(refused.status, 401, name)
    assert.match(refused.text, /This token is adalovelace's/)
    assert.match(refused.text, /log in as adalovelace/)
  }
})
