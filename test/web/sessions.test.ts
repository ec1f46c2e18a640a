import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { packageRoot } from '../../src/lib/root.ts'
import { password, startGame, type TestGame } from '../helpers/game.ts'

const day = 24 * 3_600_000
let one: TestGame
let other: TestGame
before(async () => {
  const challenges = join(packageRoot(), 'test', 'fixtures', 'hunt-small')
  one = await startGame({ challenges, settings: { TRUST_PROXY: 'loopback', SESSION_DAYS: '30' } })
  other = await startGame({ challenges })
})
after(async () => {
  await one.close()
  await other.close()
})

interface Cookie {
  name: string
  value: string
  text: string
}

/** A browser with one jar for every port of a host, as browsers have it. */
function browser(headers: Record<string, string> = {}) {
  const jar = new Map<string, string>()
  const ask = async (url: string, init: RequestInit = {}) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { ...init, headers: { ...headers, Cookie: cookie }, redirect: 'manual' })
    const set = answer.headers.getSetCookie().map((text): Cookie => {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? []
      return { name, value, text }
    })
    for (const { name, value } of set) jar.set(name, value)
    return { status: answer.status, html: await answer.text(), set }
  }
  return {
    ask,
    async logIn({ url }: TestGame, name: string) {
      const { html } = await ask(`${url}/login`)
      const csrf = /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
      const body = new URLSearchParams({ _csrf: csrf, name, password })
      const answer = await ask(`${url}/login`, { method: 'POST', body })
      assert.equal(answer.status, 303)
      return answer
    },
  }
}

test('two servers on one host, at two ports, leave each other’s log-ins and languages alone', async () => {
  await one.register('Here')
  await other.register('There', 'fr')
  const visitor = browser()
  await visitor.logIn(one, 'Here')
  await visitor.logIn(other, 'There')
  const first = await visitor.ask(`${one.url}/map`)
  const second = await visitor.ask(`${other.url}/map`)
  assert.deepEqual([first.status, second.status], [200, 200])
  assert.match(first.html, /<html lang="en"/)
  assert.match(second.html, /<html lang="fr"/)
})

test('a log-in ends SESSION_DAYS after it was used last, in the browser as on the server', async () => {
  const player = await one.register('Slow Walker')
  const visitor = browser()
  await visitor.logIn(one, 'Slow Walker')
  const { sql } = one.game
  await sql`update sessions set expires_at = now() + interval '1 day' where member_id = ${player.memberId}`
  const { set } = await visitor.ask(`${one.url}/map`)
  const renewed = set.find(({ name }) => name.includes('shambhala-') && !name.includes('form'))
  const expires = Date.parse(/Expires=([^;]+)/i.exec(renewed?.text ?? '')?.[1] ?? '')
  assert.ok(Math.abs(expires - Date.now() - 30 * day) < day / 2, renewed?.text)
  const [row] = await sql<
    [{ left: number }]
  >`select extract(epoch from expires_at - now())::float8 as left from sessions where member_id = ${player.memberId}`
  assert.ok(Math.abs(row.left * 1000 - 30 * day) < day / 2)
})

test('over TLS the cookies are of this host alone', async () => {
  await one.register('Tess')
  const visitor = browser({ 'X-Forwarded-Proto': 'https' })
  const { set } = await visitor.logIn(one, 'Tess')
  const session = set.find(({ name }) => name.startsWith('__Host-shambhala-'))
  assert.match(session?.text ?? '', /Secure/)
  assert.match(session?.text ?? '', /Path=\//)
  assert.doesNotMatch(session?.text ?? '', /Domain/)
  assert.equal((await visitor.ask(`${one.url}/map`)).status, 200)
})

test('a log-in that an earlier version wrote goes on, also where something is kept in it', async () => {
  const player = await one.register('Early Bird')
  const visitor = browser()
  await visitor.logIn(one, 'Early Bird')
  await one.game.sql`update sessions set data = data - 'stored' where member_id = ${player.memberId}`
  const { html } = await visitor.ask(`${one.url}/me`)
  const csrf = /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
  const body = new URLSearchParams({ _csrf: csrf, current: password, next: 'another of those' })
  const answer = await visitor.ask(`${one.url}/me/password`, { method: 'POST', body })
  assert.equal(answer.status, 303)
  assert.match((await visitor.ask(`${one.url}/me`)).html, /The password is changed/)
})
