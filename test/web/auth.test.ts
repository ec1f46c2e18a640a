import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import request from 'supertest'
import { packageRoot } from '../../src/lib/root.ts'
import { password, startGame, type TestGame } from '../helpers/game.ts'
import { openShell } from '../helpers/shell.ts'

let hunt: TestGame
before(async () => {
  hunt = await startGame({
    challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small'),
    settings: { LIMIT_ACCOUNT_PER_MINUTE: '5', TRUST_PROXY: 'true' },
  })
})
after(() => hunt.close())

/** A browser with cookies that reads the form's token out of the page. */
function browser() {
  const agent = request.agent(hunt.master.app)
  const tokenOf = (html: string) => /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
  return {
    agent,
    async post(page: string, action: string, fields: Record<string, string>) {
      const { text } = await agent.get(page)
      return await agent
        .post(action)
        .type('form')
        .send({ ...fields, _csrf: tokenOf(text) })
    },
    /** The page that a form leads to. */
    follow: (answer: Pick<request.Response, 'headers'>) => agent.get(String(answer.headers['location'])),
  }
}
const logIn = (visitor: ReturnType<typeof browser>, name: string, secret: string) =>
  visitor.post('/login', '/login', { name, password: secret, next: '' })

test('an unknown name and a wrong password read the same', async () => {
  await hunt.register('Known')
  const [first, second] = [browser(), browser()]
  const wrong = await first.follow(await logIn(first, 'Known', 'not the password'))
  const unknown = await second.follow(await logIn(second, 'Nobody Here', 'not the password'))
  const bare = (text: string) =>
    text.replace(/value="[^"]*"|datetime="[^"]*"|content="[^"]*"|form&#x3D;[\w-]+/g, '')
  assert.equal(wrong.status, 422)
  assert.equal(unknown.status, 422)
  assert.equal(bare(wrong.text), bare(unknown.text))
})

test('a log-in gets a new session, in a cookie that scripts and other sites do not get, Secure behind TLS', async () => {
  await hunt.register('Cookie Monk')
  const visitor = browser()
  const answer = await logIn(visitor, 'Cookie Monk', password)
  assert.equal(answer.headers['location'], '/map')
  const cookie =
    ([answer.headers['set-cookie']].flat() as string[]).find((one) => /^shambhala-[0-9a-f]+=/.test(one)) ?? ''
  assert.match(cookie, /HttpOnly/)
  assert.match(cookie, /SameSite=Lax/)
  assert.doesNotMatch(cookie, /Secure/)

  const tls = request.agent(hunt.master.app)
  const { text } = await tls.get('/login').set('X-Forwarded-Proto', 'https')
  const token = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? ''
  const secure = await tls
    .post('/login')
    .set('X-Forwarded-Proto', 'https')
    .type('form')
    .send({ name: 'Cookie Monk', password, _csrf: token })
  assert.match(
    ([secure.headers['set-cookie']].flat() as string[]).join(),
    /__Host-shambhala-[0-9a-f]+=s%3A.*Secure/,
  )
})

test('the account’s password opens no repository, a token does until it is revoked', async () => {
  const player = await hunt.register('Git Nun')
  const shell = openShell()
  const list = (secret: string) =>
    shell.run(`git ls-remote ${hunt.cloneUrl({ ...player, token: encodeURIComponent(secret) }, 'first')}`)
  assert.notEqual((await list(password)).code, 0)
  assert.equal((await list(player.token)).code, 0)
  const rows = await hunt.game.sql<
    { hash: Buffer }[]
  >`select hash from tokens where member_id = ${player.memberId}`
  assert.ok(rows.every((row) => !row.hash.includes(player.token)))
  await hunt.game.sql`delete from tokens where member_id = ${player.memberId}`
  assert.notEqual((await list(player.token)).code, 0)
  shell.remove()
})

test('guesses at one account are slowed down while others behind the same address go on', async () => {
  await hunt.register('Guessed At')
  await hunt.register('Innocent')
  const visitor = browser()
  for (let round = 0; round < 5; round += 1) {
    const refused = await logIn(visitor, 'Guessed At', `guess ${round}`)
    assert.match(String(refused.headers['location']), /^\/login\?form=/)
  }
  const limited = await logIn(visitor, 'Guessed At', password)
  assert.equal(limited.status, 429)
  assert.ok(Number(limited.headers['retry-after']) > 0)
  assert.equal((await logIn(browser(), 'Innocent', password)).status, 303)
})

test('logging out ends the session, and no address elsewhere is gone to after a log-in', async () => {
  await hunt.register('Traveller')
  const visitor = browser()
  const answer = await visitor.post('/login', '/login', {
    name: 'Traveller',
    password,
    next: '//evil.example/x',
  })
  assert.equal(answer.headers['location'], '/map')
  assert.equal((await visitor.agent.get('/map')).status, 200)
  await visitor.post('/map', '/logout', {})
  assert.equal((await visitor.agent.get('/map')).status, 303)
})

test('another’s submission and commits read as not there', async () => {
  const owner = await hunt.register('Owner')
  await hunt.register('Curious')
  const { submit } = await import('../../src/game/judging/submit.ts')
  const id = await submit(hunt.game, {
    player: owner,
    memberId: owner.memberId,
    challengeId: 'first',
    trigger: 'button',
  })
  const reader = hunt.game.board.forge?.reader({ slug: owner.slug, name: 'first' })
  const sha = (await reader?.snapshot())?.refs['refs/heads/main'] ?? ''
  reader?.close()
  const curious = browser()
  await logIn(curious, 'Curious', password)
  const own = browser()
  await logIn(own, 'Owner', password)
  for (const path of [`/me/submissions/${id}`, `/evidence/first/${sha}`]) {
    assert.equal((await own.agent.get(path)).status, 200, path)
    // The other's starter differs by its values, so its commits do too.
    assert.equal((await curious.agent.get(path)).status, 404, path)
  }
  for (const path of [
    '/evidence/first/HEAD',
    '/evidence/..%2f..%2fx/main',
    `/evidence/first/${sha}/file?path=../../x`,
    `/evidence/first/${sha}/file?path=${'a'.repeat(9000)}`,
  ]) {
    assert.equal((await own.agent.get(path)).status, 404, path.slice(0, 60))
  }
})
