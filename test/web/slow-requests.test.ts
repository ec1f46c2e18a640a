import assert from 'node:assert/strict'
import { request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Request } from 'express'
import session, { type SessionData } from 'express-session'
import { endLinks } from '../../src/db/links.ts'
import { lockMember, memberById } from '../../src/db/members.ts'
import { tokensOf } from '../../src/db/tokens.ts'
import { leave } from '../../src/game/people/leave.ts'
import {
  changePassword,
  checkPassword,
  makePasswordLink,
  resetPassword,
} from '../../src/game/people/passwords.ts'
import { revokeToken } from '../../src/game/people/tokens.ts'
import { keep, type RefusedForm } from '../../src/web/auth/keepsakes.ts'
import { PostgresStore } from '../../src/web/auth/session-store.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { password, startGame, type TestGame } from '../helpers/game.ts'
import { openJar, type Jar } from '../helpers/jar.ts'
import { until } from '../helpers/until.ts'

let hunt: TestGame
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
})
after(() => hunt.close())

const next = 'a fresh pass phrase'

async function memberOf(memberId: string) {
  const member = await memberById(hunt.game.sql, memberId)
  assert.ok(member)
  return member
}

async function changed(memberId: string): Promise<void> {
  const given = { current: password, next, keepSession: null }
  await changePassword(hunt.game, await memberOf(memberId), given)
}

/** Sends the head of a request and the first byte of its body, the rest after `meanwhile`. */
async function held(
  path: string,
  headers: Record<string, string>,
  body: string,
  meanwhile: () => Promise<unknown>,
): Promise<number> {
  const asked = request(hunt.url + path, {
    method: 'POST',
    headers: { ...headers, 'Content-Length': body.length },
  })
  const answered = once(asked, 'response')
  asked.write(body.slice(0, 1))
  // Whatever the head alone makes the server look up has been looked up when requests that came later are answered.
  for (let times = 0; times < 5; times += 1) await (await fetch(`${hunt.url}/map`, { headers })).text()
  await meanwhile()
  asked.end(body.slice(1))
  const [answer] = (await answered) as [IncomingMessage]
  answer.resume()
  return answer.statusCode ?? 0
}

async function heldForm(
  jar: Jar,
  path: string,
  fields: Record<string, string>,
  meanwhile: () => Promise<unknown>,
): Promise<number> {
  const csrf = /name="_csrf" value="([^"]+)"/.exec((await jar.get('/me')).html)?.[1] ?? ''
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Cookie: jar.cookie() }
  return await held(path, headers, String(new URLSearchParams({ ...fields, _csrf: csrf })), meanwhile)
}

const isIn = async (jar: Jar) => (await jar.get('/me')).path === '/me'

test('a log-in that a new password ended does not come back by a form that was still on its way', async () => {
  const { memberId } = await hunt.register('Still On The Way')
  const jar = await openJar(hunt.url, 'Still On The Way')
  await heldForm(jar, '/me/language', { language: 'fr' }, () => changed(memberId))
  assert.equal(await isIn(jar), false)
})

test('a form that was still on its way makes no token for a log-in that ended', async () => {
  const { memberId } = await hunt.register('Token On The Way')
  const jar = await openJar(hunt.url, 'Token On The Way')
  await heldForm(jar, '/me/tokens', { name: 'stolen' }, () => changed(memberId))
  assert.equal((await tokensOf(hunt.game.sql, memberId)).length, 1)
})

test('a log-out stays one, whatever the same log-in was still sending', async () => {
  await hunt.register('Gone Home')
  const [jar, same] = [await openJar(hunt.url, 'Gone Home'), await openJar(hunt.url, 'Gone Home')]
  const cookie = jar.cookie()
  const csrf = /name="_csrf" value="([^"]+)"/.exec((await jar.get('/me')).html)?.[1] ?? ''
  await heldForm(jar, '/me/language', { language: 'fr' }, () => jar.post('/logout', { _csrf: csrf }))
  const page = await fetch(`${hunt.url}/me`, { headers: { Cookie: cookie }, redirect: 'manual' })
  assert.equal(page.status, 303)
  assert.equal(await isIn(same), true, 'another log-in goes on')
})

test('a session that ended while its answer was made is not written anew', async () => {
  const store = new PostgresStore(hunt.game.sql, 30)
  const data: SessionData = { cookie: new session.Cookie(), flash: { kind: 'info', code: 'renamed' } }
  const set = (session: SessionData) => promisify(store.set.bind(store))('some id', session)
  const get = () => promisify(store.get.bind(store))('some id')
  await set(data)
  const read = await get()
  assert.ok(read)
  await set(read)
  assert.ok(await get(), 'it is there, and written over')
  await promisify(store.destroy.bind(store))('some id')
  await set(read)
  assert.equal(await get(), null)
  await set(data)
  assert.equal(await get(), null, 'nor by the request that made it')
})

test('what is to be shown to a log-in that has ended meanwhile is kept for nobody, and asks to log in', async () => {
  const user = await memberOf((await hunt.register('Refused Late')).memberId)
  const req = { user, sessionID: 'one that has ended' } as unknown as Request
  const form: RefusedForm = { name: 'check', status: 422, state: { values: {}, errors: {} } }
  await assert.rejects(keep(hunt.game, req, 'form', form), { code: 'log-in', status: 401 })
})

function pushOf({ slug, token }: { slug: string; token: string }) {
  const zero = '0'.repeat(40)
  const command = `${zero} ${'1'.repeat(40)} refs/heads/late\0report-status\n`
  const body = `${(command.length + 4).toString(16).padStart(4, '0')}${command}0000PACK`
  const headers = {
    'Content-Type': 'application/x-git-receive-pack-request',
    Authorization: `Basic ${Buffer.from(`${slug}:${token}`).toString('base64')}`,
  }
  return { headers, body }
}

test('a push that was still on its way when its player left finds no repository, and nothing is to be tried again', async () => {
  const player = await hunt.register('Left Meanwhile')
  const { headers, body } = pushOf(player)
  const status = await held(`/git/${player.slug}/first.git/git-receive-pack`, headers, body, () =>
    leave(hunt.game, player),
  )
  assert.equal(status, 404)
})

test('a push that was still on its way when its token was revoked moves nothing', async () => {
  const player = await hunt.register('Revoked Meanwhile')
  const { headers, body } = pushOf(player)
  const status = await held(`/git/${player.slug}/first.git/git-receive-pack`, headers, body, () =>
    revokeToken(hunt.game, player.memberId, player.tokenId),
  )
  assert.equal(status, 401)
})

test('a call of the API that was still on its way does nothing with a token that was revoked', async () => {
  const { memberId, token, tokenId } = await hunt.register('Revoked')
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` }
  const status = await held('/api/v1/tokens', headers, JSON.stringify({ name: 'stolen' }), () =>
    revokeToken(hunt.game, memberId, tokenId),
  )
  assert.equal(status, 401)
  assert.equal((await tokensOf(hunt.game.sql, memberId)).length, 0)
})

test('who knows the old password alone does not change the new one, however early they asked', async () => {
  const { memberId } = await hunt.register('Early Asker')
  const before = await memberOf(memberId)
  await changed(memberId)
  await assert.rejects(
    changePassword(hunt.game, before, { current: password, next: 'the thief’s own one', keepSession: null }),
    { code: 'password-wrong' },
  )
  assert.ok(await checkPassword(hunt.game, 'Early Asker', next))
})

test('a link that is used while the organizers make another ends, and holds up nobody', async () => {
  const { memberId } = await hunt.register('Crowded Link')
  const { token } = await makePasswordLink(hunt.game, memberId, null)
  let used: Promise<unknown> | undefined
  await hunt.game.sql.begin(async (sql) => {
    await lockMember(sql, memberId)
    used = resetPassword(hunt.game, token, next).catch((error: unknown) => error)
    await until('the link’s user waits for the member', 20, async () => {
      const rows = await hunt.game.sql`
        select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
      return rows.length > 0
    })
    await endLinks(sql, 'password', memberId)
  })
  assert.equal(((await used) as { code?: string }).code, 'link-used')
})
