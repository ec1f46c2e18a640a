import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { makeOrganizerLink } from '../../src/game/people/organizers.ts'
import { makePasswordLink } from '../../src/game/people/passwords.ts'
import { password, type TestGame } from '../helpers/game.ts'
import { anonymousJar, openJar, type Jar, type Page } from '../helpers/jar.ts'
import { oddValues, startOddGame } from '../helpers/odd.ts'
import { pathsOf } from '../helpers/routes.ts'

/** Asked by programs, which have no form. */
const exempt = /^\/(registry|hooks|players|tokens|challenges)\b/

let hunt: TestGame
before(async () => {
  hunt = await startOddGame()
})
after(() => hunt.close())

interface Sender {
  who: string
  /** A browser of theirs. */
  jar(): Promise<Jar>
  /** Pages whose forms they see. */
  pages: readonly string[]
}

test('whatever is written into any field of any form, the answer is never that something broke on our side', async (t) => {
  const { visitors, players, organizers } = await senders()
  const actions = pathsOf(hunt.master.app, 'post').filter((path) => !exempt.test(path))
  const known = await fieldsOf([visitors, players, organizers])
  assert.ok(actions.length > 25, actions.join(' '))
  for (const name of ['password', 'answer', 'confirm', 'registration', 'freeze', 'en', 'next', 'current'])
    assert.ok([...known.values()].flat().includes(name), `no form was seen with the field ${name}`)
  for (const action of actions) {
    const who = /^\/desk/.test(action)
      ? organizers
      : /^\/(login|join|reset|organizer|language)/.test(action)
        ? visitors
        : players
    await t.test(`${action}, by ${who.who}`, async () => {
      const fields = [...known].flatMap(([path, names]) => (fits(action, path) ? names : []))
      await sendAll(who, action, fields)
    })
  }
})

let players = 0
async function senders(): Promise<Record<'visitors' | 'players' | 'organizers', Sender>> {
  const { memberId } = await hunt.register(`Forgetful ${++players}`)
  const { token } = await makePasswordLink(hunt.game, memberId, null)
  const link = await makeOrganizerLink(hunt.game)
  const organizer = anonymousJar(hunt.url)
  await organizer.send(await organizer.get(`/organizer/${link}`), `/organizer/${link}`)
  const again = await makeOrganizerLink(hunt.game)
  return {
    visitors: {
      who: 'a visitor',
      jar: () => Promise.resolve(anonymousJar(hunt.url)),
      pages: ['/', '/join', '/login?next=/map', `/reset/${token}`, `/organizer/${again}`],
    },
    players: {
      who: 'a player',
      async jar() {
        // For each form another: they rename, log out and leave.
        const name = `Player ${++players}`
        await hunt.register(name)
        return await openJar(hunt.url, name)
      },
      pages: ['/me', '/map', '/hunt/first', '/hunt/word', '/workspace'],
    },
    organizers: {
      who: 'an organizer',
      jar: () => Promise.resolve(organizer),
      pages: ['/desk', '/desk/workspaces', '/me'],
    },
  }
}

/** The fields of every form that these see, by the path that it posts to. */
async function fieldsOf(all: readonly Sender[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  for (const who of all) {
    const open = await who.jar()
    for (const path of who.pages) {
      const { html, status } = await open.get(path)
      assert.equal(status, 200, path)
      for (const [, head = '', body = ''] of html.matchAll(/<form([^>]*)>(.*?)<\/form>/gs)) {
        const action = /action="([^"]*)"/.exec(head)?.[1] ?? path
        const names = [...body.matchAll(/<(?:input|select|textarea|button)[^>]* name="([^"]+)"/g)]
        const own = names.map(([, name = '']) => name).filter((name) => name !== '_csrf')
        if (/method="post"/.test(head))
          found.set(action, [...new Set([...(found.get(action) ?? []), ...own])])
      }
    }
  }
  return found
}

function fits(pattern: string, path: string): boolean {
  return new RegExp(`^${pattern.replaceAll(/:\w+/g, '[^/]+')}$`).test(path)
}

async function sendAll(who: Sender, action: string, fields: readonly string[]): Promise<void> {
  const jar = await who.jar()
  const csrf = await csrfOf(jar, who)
  const places = [...action.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  const plain = action.replace(':id', action.endsWith('/check') ? 'word' : 'first').replaceAll(/:\w+/g, '1')
  // One field is odd at a time, the others are as somebody leaves them who only pressed the button.
  const bodies = fields.flatMap((name) => [
    ...oddValues.map((value) => `${name}=${value}`),
    ...[`${name}=a&${name}=b`, `${name}[]=a`, `${name}[a][b]=c`, name, `a%00b=c&${name}=d`],
  ])
  for (const body of ['', '__proto__[a]=b', '&&==&', ...bodies]) await send(plain, body)
  for (const place of places)
    for (const value of oddValues.filter((one) => one.length < 5000)) {
      const path = action
        .replace(`:${place}`, encodePath(value))
        .replace(':id', 'first')
        .replaceAll(/:\w+/g, '1')
      await send(path, fields.map((name) => `${name}=a`).join('&'))
    }

  async function send(path: string, body: string): Promise<void> {
    const page = await jar.post(path, `_csrf=${csrf}&${body}`)
    mustTell(page, `${path} ${body.slice(0, 80)}`)
  }
}

/** As it stands, but for what would begin another part of the address. */
function encodePath(value: string): string {
  return value.replaceAll('/', '%2F').replaceAll('?', '%3F').replaceAll('#', '%23')
}

async function csrfOf(jar: Jar, { pages }: Sender): Promise<string> {
  const { html } = await jar.get(pages.find((path) => path !== '/') ?? '/')
  return /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
}

function mustTell({ status, html, text }: Page, what: string): void {
  assert.ok(status < 500, `${what} answered ${status}: ${text.slice(0, 600)}`)
  assert.ok(!html.includes('<script>alert'), what)
  assert.doesNotMatch(text, /⟦/, what)
  if (status < 400) return
  // Not only that it did not work.
  assert.doesNotMatch(text, /Go back and try another way\.|The server cannot read this request\./, what)
}

test('an organizer who sets the hunt to a day that no calendar has reads how times are written', async () => {
  const jar = (await senders()).organizers
  const desk = await jar.jar()
  const page = await desk.get('/desk')
  for (const end of ['2027-02-31T10:00', '2027-02-29T10:00', '0000-01-01T00:00', '2027-01-01T24:00']) {
    const answer = await desk.send(page, '/desk/window', { start: '', end, freeze: '' })
    assert.equal(answer.status, 422, end)
    assert.match(answer.text, /Write times as 2027-03-12T18:00, of days that the calendar has\./)
    assert.ok(answer.html.includes(`value="${end}"`), 'what was typed is still there')
  }
  const leap = await desk.send(page, '/desk/window', { start: '', end: '2028-02-29T10:00', freeze: '' })
  assert.equal(leap.status, 200)
  await desk.send(page, '/desk/window', { start: '', end: '', freeze: '' })
})

test('whoever sends a choice that there is not reads which there are, in their language', async () => {
  await hunt.register('Bob')
  const jar = await openJar(hunt.url, 'Bob')
  const wrong = await jar.send(await jar.get('/me'), '/me/language', { language: 'tlh' })
  assert.equal(wrong.status, 422)
  assert.match(wrong.text, /“language” is one of these: en, fr\./)
  const desk = await (await senders()).organizers.jar()
  const closed = await desk.send(await desk.get('/desk'), '/desk/registration', { registration: 'ajar' })
  assert.equal(closed.status, 422)
  assert.match(closed.text, /“registration” is one of these: open, /)
})

test('an announcement that is too long ends with a whole character', async () => {
  const desk = await (await senders()).organizers.jar()
  const en = `${'a'.repeat(999)}😀😀`
  const sent = await desk.send(await desk.get('/desk'), '/desk/announcement', { en, fr: '' })
  assert.equal(sent.status, 200)
  assert.equal(hunt.game.settings.announcement?.text.en, `${'a'.repeat(999)}😀`)
})

test('a field that holds U+0000 is named, in the language of the page', async () => {
  const jar = anonymousJar(hunt.url)
  const answer = await jar.send(await jar.get('/join'), '/join', { name: 'Ma\0ra', password, language: 'fr' })
  assert.equal(answer.status, 422)
  assert.match(answer.text, /“name” holds U\+0000, a character that cannot be kept\./)
  assert.match((await jar.get('/desk?find=%00')).text, /Log in|This address is broken/)
  const broken = await jar.get('/hunt/%00')
  assert.equal(broken.status, 400)
  assert.match(broken.text, /This address is broken/)
})

test('a password of two hundred characters outside the basic plane opens the account that it was set for', async () => {
  const long = '😀'.repeat(200)
  const jar = anonymousJar(hunt.url)
  const joined = await jar.send(await jar.get('/join'), '/join', { name: 'Mara', password: long })
  assert.match(joined.path, /^\/welcome/)
  const other = anonymousJar(hunt.url)
  const inside = await other.send(await other.get('/login'), '/login', { name: 'Mara', password: long })
  assert.match(inside.path, /^\/map/)
})
