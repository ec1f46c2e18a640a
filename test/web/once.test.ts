import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { makeOrganizerLink } from '../../src/game/people/organizers.ts'
import { packageRoot } from '../../src/lib/root.ts'
import { password, startGame, type TestGame } from '../helpers/game.ts'
import { anonymousJar, openJar, type Jar, type Page } from '../helpers/jar.ts'
import { pathsOf } from '../helpers/routes.ts'

let hunt: TestGame
before(async () => {
  hunt = await startGame({ challenges: join(packageRoot(), 'test', 'fixtures', 'hunt-small') })
})
after(() => hunt.close())

const tokenIn = ({ html }: Page) => /shb_[\w-]{43}/.exec(html)?.[0]
const linkIn = ({ html }: Page) => /\/reset\/[\w-]{20,}/.exec(html)?.[0]
const count = async (table: 'tokens' | 'one_time_links' | 'keepsakes') => {
  const [row] = await hunt.game.sql<[{ n: number }]>`select count(*)::int as n from ${hunt.game.sql(table)}`
  return row.n
}

async function joinBy(jar: Jar, name: string): Promise<Page> {
  return await jar.send(await jar.get('/join'), '/join', { name, password })
}

async function organizer(): Promise<Jar> {
  const jar = anonymousJar(hunt.url)
  const path = `/organizer/${await makeOrganizerLink(hunt.game)}`
  await jar.send(await jar.get(path), path)
  return jar
}

test('the first token is still there after a reload and a switch of the language, and was made once', async () => {
  const jar = anonymousJar(hunt.url)
  const page = await joinBy(jar, 'Pema Once')
  assert.equal(page.status, 200)
  const token = tokenIn(page)
  assert.ok(token)
  const before = await count('tokens')
  assert.equal(tokenIn(await jar.get('/welcome')), token)
  const french = await jar.send(page, '/language', { language: 'fr', back: '/welcome' })
  assert.equal(tokenIn(french), token)
  assert.match(french.html, /lang="fr"/)
  assert.equal(tokenIn(await jar.get('/me')), token, 'who goes on reads it on their page')
  assert.equal(await count('tokens'), before)
})

test('who joins in French has a first token with a French name', async () => {
  const jar = anonymousJar(hunt.url)
  await jar.send(await jar.get('/join'), '/join', { name: 'Pauline Once', password, language: 'fr' })
  const { text } = await jar.get('/me')
  assert.match(text, /premier jeton/)
  assert.doesNotMatch(text, /first token/)
})

test('who says that they have it sees the token no more, and nobody else ever did', async () => {
  const jar = anonymousJar(hunt.url)
  const page = await joinBy(jar, 'Rinchen Once')
  const token = tokenIn(page)
  const other = await openJar(hunt.url, (await hunt.register('Neighbour Once')).name)
  const elsewhere = await openJar(hunt.url, 'Rinchen Once')
  for (const one of [other, elsewhere]) assert.equal(tokenIn(await one.get('/me')), undefined)
  const action = /action="(\/kept\/[^"]+)"/.exec(page.html)?.[1] ?? ''
  assert.equal((await jar.send(page, action)).status, 200)
  assert.notEqual(tokenIn(await jar.get('/welcome')), token)
  assert.equal(tokenIn(await jar.get('/me')), undefined)
})

test('a token is gone from the pages after ten minutes, and with the end of the log-in', async () => {
  const jar = anonymousJar(hunt.url)
  await joinBy(jar, 'Late Lhamo')
  await hunt.game.sql`update keepsakes set expires_at = now() - interval '1 second'`
  assert.equal(tokenIn(await jar.get('/welcome')), undefined)
  const page = await jar.send(await jar.get('/me'), '/me/tokens', { name: 'laptop' })
  assert.ok(tokenIn(page))
  const [left] = await hunt.game.sql<[{ minutes: number }]>`
    select extract(epoch from max(expires_at) - now()) / 60 as minutes from keepsakes`
  assert.ok(left.minutes > 5 && left.minutes <= 10.01, String(left.minutes))
  await jar.send(page, '/logout')
  const again = await openJar(hunt.url, 'Late Lhamo')
  assert.equal(tokenIn(await again.get('/me')), undefined)
})

test('the database holds nothing of a token that is still shown', async () => {
  const jar = anonymousJar(hunt.url)
  const token = tokenIn(await joinBy(jar, 'Sealed Sonam')) ?? ''
  const rows = await hunt.game.sql<{ sealed: Buffer }[]>`select sealed from keepsakes`
  assert.ok(rows.length > 0)
  assert.ok(rows.every(({ sealed }) => !sealed.includes(token) && !sealed.includes(token.slice(4, 20))))
  const sessions = await hunt.game.sql<{ data: unknown }[]>`select data from sessions`
  assert.doesNotMatch(JSON.stringify(sessions), new RegExp(token))
})

test('a token of one’s own survives a reload, is made once, and is not shown any more once it is revoked', async () => {
  await hunt.register('Token Tsering')
  const jar = await openJar(hunt.url, 'Token Tsering')
  const page = await jar.send(await jar.get('/me'), '/me/tokens', { name: 'laptop' })
  const before = await count('tokens')
  assert.ok(tokenIn(page))
  const again = await jar.get('/me')
  assert.equal(tokenIn(again), tokenIn(page))
  assert.equal(await count('tokens'), before)
  const revoke = [...again.html.matchAll(/action="(\/me\/tokens\/\d+\/revoke)"/g)].at(-1)?.[1] ?? ''
  assert.equal(tokenIn(await jar.send(again, revoke)), undefined)
})

test('a password link survives a reload of the desk and a switch of the language, and is made once', async () => {
  const { slug } = await hunt.register('Forgetful Once')
  const jar = await organizer()
  const page = await jar.send(await jar.get('/desk'), `/desk/players/${slug}/link`)
  const link = linkIn(page)
  assert.ok(link)
  const before = await count('one_time_links')
  assert.equal(linkIn(await jar.get('/desk')), link)
  assert.equal(linkIn(await jar.send(page, '/language', { language: 'fr', back: '/desk' })), link)
  assert.equal(await count('one_time_links'), before)
  assert.equal((await anonymousJar(hunt.url).get(link)).status, 200)
  const newer = await jar.send(await jar.get('/desk'), `/desk/players/${slug}/link`)
  assert.equal([...newer.html.matchAll(/token-card/g)].length, 1, 'the older one opens nothing any more')
})

test('every form answers with a redirect, also where it refuses, and its address leads to its page', async () => {
  await hunt.register('Redirect Rabten')
  const jar = await openJar(hunt.url, 'Redirect Rabten')
  const refused: [string, string, Record<string, string>, RegExp][] = [
    ['/me', '/me/name', { name: 'x' }, /value="x"/],
    ['/me', '/me/tokens', { name: ' ' }, /Give the token a name/],
    ['/me', '/me/password', { current: 'wrong', next: 'long enough now' }, /fault/],
    ['/me', '/me/leave', { confirm: 'no' }, /fault/],
    ['/hunt/word', '/hunt/word/check', {}, /fault/],
  ]
  for (const [from, action, fields, says] of refused) {
    const page = await jar.send(await jar.get(from), action, fields)
    assert.equal(page.status, 422, action)
    assert.match(page.path, /^\/[\w/]+\?form=[\w-]+/, action)
    assert.match(page.html, says, action)
    assert.match((await jar.get(page.path)).html, says, `${action} after a reload`)
    assert.equal((await jar.get(from)).status, 200, `${from} is not tainted`)
  }
  const desk = await organizer()
  const window = { start: 'soon', end: '', freeze: '', from: 'desk' }
  const page = await desk.send(await desk.get('/desk'), '/desk/window', window)
  assert.equal(page.status, 422)
  assert.match(page.html, /name="start"[^>]*value="soon"/)
  const empty = await desk.send(await desk.get('/desk'), '/desk/announcement', { en: ' ', fr: '' })
  assert.match(empty.html, /Write the announcement first|fault-box/)

  const visitor = anonymousJar(hunt.url)
  const wrong = await visitor.send(await visitor.get('/login'), '/login', { name: 'Nobody', password: 'x' })
  assert.match(wrong.path, /^\/login\?form=/)
  assert.match((await visitor.get(wrong.path)).html, /value="Nobody"/)
  const short = await visitor.send(await visitor.get('/join'), '/join', { name: 'Short', password: 'x' })
  assert.match(short.path, /^\/join\?form=/)
  assert.match((await visitor.get(short.path)).html, /value="Short"/)
  assert.doesNotMatch((await anonymousJar(hunt.url).get(short.path)).html, /value="Short"/)
})

test('HEAD of a page that needs a log-in leads to the log-in, as GET does', async () => {
  for (const path of ['/map', '/hunt/flag', '/me', '/desk']) {
    const ask = (method: string) => fetch(hunt.url + path, { method, redirect: 'manual' })
    const [head, get] = [await ask('HEAD'), await ask('GET')]
    assert.equal(head.status, 303, path)
    assert.equal(head.headers.get('location'), get.headers.get('location'), path)
  }
})

test('the address of every form leads to a page by GET', async () => {
  const exempt = [
    '/registry/token',
    '/hooks/registry',
    '/desk/workspaces/:slug/reset',
    '/desk/workspaces/:slug/repair',
  ]
  await hunt.register('Gets Everything')
  await hunt.game.sql`update members set role = 'organizer' where name = 'Gets Everything'`
  const jar = await openJar(hunt.url, 'Gets Everything')
  const path = `/organizer/${await makeOrganizerLink(hunt.game)}`
  const wrong: string[] = []
  const isPage = (action: string) =>
    !exempt.includes(action) && !/^\/(players|tokens|challenges)\b/.test(action)
  for (const action of pathsOf(hunt.master.app, 'post').filter(isPage)) {
    const address =
      action === '/organizer/:token' ? path : action.replace(':id', 'word').replaceAll(/:\w+/g, '1')
    const page = await jar.get(address)
    // This board has no cluster, and a link that is no link is told as such.
    if (address.startsWith('/workspace/') || address.startsWith('/reset/')) continue
    if (page.status !== 200) wrong.push(`${action} ${page.status} ${page.path}`)
  }
  assert.deepEqual(wrong, [])
})

test('the log-in form in two tabs: the second is led in, and told as whom', async () => {
  await hunt.register('Two Tabs')
  const jar = anonymousJar(hunt.url)
  const [one, two] = [await jar.get('/login?next=/me'), await jar.get('/login?next=/me')]
  const fields = { name: 'Two Tabs', password }
  assert.equal((await jar.send(one, '/login', fields)).path, '/me')
  const page = await jar.send(two, '/login', fields)
  assert.equal(page.status, 200)
  assert.equal(page.path, '/me')
  assert.match(page.text, /You are logged in already, as Two Tabs\./)
})

test('the registration form sent twice makes one player, and the token is still shown', async () => {
  const jar = anonymousJar(hunt.url)
  const form = await jar.get('/join')
  const fields = { name: 'Sent Twice', password }
  const token = tokenIn(await jar.send(form, '/join', fields))
  const page = await jar.send(form, '/join', fields)
  assert.equal(page.path, '/welcome')
  assert.equal(tokenIn(page), token)
})

test('a log-in form from before another log-in and log-out comes again with its name, and works then', async () => {
  await hunt.register('Old Form')
  const jar = anonymousJar(hunt.url)
  const old = await jar.get('/login')
  const inside = await jar.send(await jar.get('/login'), '/login', { name: 'Old Form', password })
  await jar.send(inside, '/logout')
  const page = await jar.send(old, '/login', { name: 'Old Form', password })
  assert.match(page.text, /Nothing was done: this form was from before/)
  assert.match(page.html, /value="Old Form"/)
  assert.doesNotMatch(page.html, new RegExp(password))
  assert.equal((await jar.send(page, '/login', { name: 'Old Form', password })).path, '/map')
})

test('what was typed while the log-in ended is there after the next one', async () => {
  const jar = await organizer()
  const desk = await jar.get('/desk')
  await hunt.game.sql`delete from sessions`
  const login = await jar.send(desk, '/desk/announcement', { en: 'Long thought about.', fr: '' })
  assert.match(login.path, /^\/login/)
  assert.match(login.text, /your log-in has ended/)
  await hunt.register('Back Again')
  await hunt.game.sql`update members set role = 'organizer' where name = 'Back Again'`
  const page = await jar.send(login, '/login', { name: 'Back Again', password })
  assert.match(page.path, /^\/desk\?form=/)
  assert.match(page.html, /Long thought about\./)
  assert.equal(hunt.game.settings.announcement, undefined)
})

test('who lets no cookie in is told so by the forms that need one, instead of the same form again and again', async () => {
  for (const path of ['/join', '/login']) {
    const visitor = anonymousJar(hunt.url)
    const { html } = await visitor.get(path)
    const body = new URLSearchParams({
      _csrf: /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '',
      name: 'Cookieless Once',
      password,
    })
    const headers = { 'Sec-Fetch-Site': 'same-origin' }
    const answer = await fetch(hunt.url + path, { method: 'POST', body, headers, redirect: 'manual' })
    assert.equal(answer.status, 303)
    const again = answer.headers.get('location') ?? ''
    const page = await anonymousJar(hunt.url).get(again)
    assert.match(page.text, /your browser sends no cookies/)
    assert.match(page.text, /Allow cookies for this address/)
    assert.doesNotMatch((await visitor.get(again)).text, /sends no cookies/)
  }
})

test('a form of another log-in does nothing, and its page says so', async () => {
  await hunt.register('First Person')
  await hunt.register('Second Person')
  const jar = await openJar(hunt.url, 'First Person')
  const me = await jar.get('/me')
  await jar.send(me, '/logout')
  await jar.send(await jar.get('/login'), '/login', { name: 'Second Person', password })
  const form = me.html.split('<form').find((one) => one.includes('action="/me/name"')) ?? ''
  const token = /name="_csrf" value="([^"]+)"/.exec(form)?.[1] ?? ''
  const send = (from: Record<string, string>) =>
    jar.post('/me/name', { _csrf: token, name: 'Renamed Wrongly' }, from)
  const own = await send({ Origin: hunt.url })
  assert.equal(own.status, 200)
  assert.match(own.text, /Nothing was done/)
  assert.match(own.html, /value="Renamed Wrongly"/)
  assert.equal((await send({ Origin: 'https://evil.example' })).status, 403)
  assert.equal((await send({ 'Sec-Fetch-Site': 'cross-site' })).status, 403)
  assert.doesNotMatch((await jar.get('/me')).html, /<h1>Renamed Wrongly/)
})
