import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import type { Registered } from '../../src/game/people/register.ts'
import { promote } from '../../src/game/people/organizers.ts'
import { hookKey } from '../../src/game/triggers/registry-hook.ts'
import { cookieNamesOf } from '../../src/web/request/cookies.ts'
import { apiOf, logIn } from '../helpers/api.ts'
import type { TestGame } from '../helpers/game.ts'
import { anonymousJar, textOf } from '../helpers/jar.ts'
import { oddValues, startOddGame } from '../helpers/odd.ts'
import { basic } from '../helpers/registry-clients.ts'

let hunt: TestGame
let tara: Registered
before(async () => {
  hunt = await startOddGame()
  tara = await hunt.register('Tara')
})
after(() => hunt.close())

/** One door of the server: how it is asked when nothing is odd. */
interface Door {
  method: 'GET' | 'POST'
  path: string
  headers: readonly string[]
  body?: string
}

function doors(): Door[] {
  const bearer = [`Authorization: Bearer ${tara.token}`]
  const byName = [`Authorization: ${basic(tara.slug, tara.token)}`]
  const json = [...bearer, 'Content-Type: application/json']
  const form = ['Content-Type: application/x-www-form-urlencoded']
  const get = (path: string, headers: readonly string[] = []): Door => ({ method: 'GET', path, headers })
  const post = (path: string, headers: readonly string[], body: string): Door => ({
    method: 'POST',
    path,
    headers,
    body,
  })
  const repository = `/git/${tara.slug}/first.git`
  const service = '/registry/token?service=localhost:9'
  return [
    ...[
      '/',
      '/login',
      '/leaderboard',
      '/leaderboard?screen',
      '/assets/icons.svg',
      '/healthz',
      '/metrics',
    ].map((path) => get(path)),
    ...['leaderboard', 'hunt', 'challenges', 'openapi.json'].map((path) => get(`/api/v1/${path}`)),
    ...['me', 'events', 'submissions', 'workspace/images'].map((path) => get(`/api/v1/${path}`, bearer)),
    post('/api/v1/tokens', json, '{"name":"laptop"}'),
    post('/api/v1/challenges/word/submissions', json, '{"answer":"sesame"}'),
    post('/login', form, 'name=Tara&password=wrong'),
    post('/language', form, 'language=fr&back=/'),
    get(`${service}&scope=repository:${tara.slug}/a:pull`, byName),
    post(
      service,
      form,
      `grant_type=password&username=${tara.slug}&password=${tara.token}&service=localhost:9`,
    ),
    post('/hooks/registry', [`Authorization: Bearer ${hookKey(hunt.game.secret)}`], '{"events":[]}'),
    get(`${repository}/info/refs?service=git-upload-pack`, byName),
    get(`${repository}/HEAD`, byName),
    post(
      `${repository}/git-upload-pack`,
      [...byName, 'Content-Type: application/x-git-upload-pack-request'],
      '0000',
    ),
    post(
      `${repository}/git-receive-pack`,
      [...byName, 'Content-Type: application/x-git-receive-pack-request'],
      '0000',
    ),
  ]
}

function oddHeaders(): string[] {
  const { form, language, session } = cookieNamesOf({ app: hunt.master.app } as never)
  return [
    ...['charset=nonsense', 'charset="', 'charset=utf-16', 'charset', ';;;=', 'boundary=a'].map(
      (parameter) => `Content-Type: application/json; ${parameter}`,
    ),
    ...['nonsense', '', 'text/plain', 'multipart/form-data', 'a/b/c', 'application/json, text/html'].map(
      (type) => `Content-Type: ${type}`,
    ),
    ...['gzip', 'br', 'deflate', 'nonsense', 'gzip, gzip', 'identity'].map(
      (one) => `Content-Encoding: ${one}`,
    ),
    ...['', '*', 'a/b;q=nonsense', 'text/html;q=1e400', ';', 'a/b,'.repeat(500)].map(
      (one) => `Accept: ${one}`,
    ),
    ...['*;q=0', 'gzip;q=-1', ',,,'].map((one) => `Accept-Encoding: ${one}`),
    ...['', '-', 'zz-ZZ-nonsense;q=2', '*', 'fr,'.repeat(500), '\xff\xfe'].map(
      (one) => `Accept-Language: ${one}`,
    ),
    ...['*', 'W/', '"', 'W/"\xff"', ',,,', '"a",'.repeat(500)].map((one) => `If-None-Match: ${one}`),
    ...['nonsense', 'Sat, 31 Feb 2027 00:00:00 GMT', '0'].map((one) => `If-Modified-Since: ${one}`),
    ...['bytes=a-b', 'bytes=-0', 'bytes=9999999999999-', 'lines=1-2'].map((one) => `Range: ${one}`),
    ...['-1', '99999999999999999999999', '1e3', 'nonsense', '\xff', "1' or 1=1"].map(
      (one) => `Last-Event-ID: ${one}`,
    ),
    ...[
      '',
      'Bearer',
      'Bearer a b',
      'Basic',
      'Basic !!!',
      'Basic AAAA',
      `Basic ${btoa('\0:\0')}`,
      'Digest a="b"',
      '\xff',
    ].map((one) => `Authorization: ${one}`),
    ...['', '=', ';;;', 'a=%E0%A4%A', '__proto__=a', `${session}=s:%00.x`, `${session}=j:{"a":1}`].map(
      (one) => `Cookie: ${one}`,
    ),
    ...['j:{"split":1}', 'j:[1]', 'j:5', 'a.b', '%00', '.', ''].map(
      (one) => `Cookie: ${form}=${one}; ${form}=again`,
    ),
    ...['j:{"a":1}', 'xx', '__proto__', '%FF'].map((one) => `Cookie: ${language}=${one}`),
    ...['', ' ', '\xff', 'a'.repeat(300), '0'].map((one) => `Idempotency-Key: ${one}`),
    ...['a b', '[', 'a@b', '\xff', '[::1', 'localhost:99999999'].map((one) => `X-Forwarded-Host: ${one}`),
    ...['nonsense', '%00', 'fe80::1%eth0', '::ffff:1.2.3.4, ,', '999.9.9.9'].map(
      (one) => `X-Forwarded-For: ${one}`,
    ),
    ...['javascript:', 'null', 'http://[', '%', 'data:,a'].flatMap((one) => [
      `Origin: ${one}`,
      `Referer: ${one}`,
    ]),
    ...['version=9', '\xff', ':', 'version=2:object-format=nonsense'].map((one) => `Git-Protocol: ${one}`),
    ...['websocket', 'h2c'].map((one) => `Connection: Upgrade\r\nUpgrade: ${one}`),
    ...['100-continue', 'nonsense'].map((one) => `Expect: ${one}`),
  ]
}

const oddBodies: readonly string[] = [
  ...['', '{', 'null', '[]', '"a"', '5', 'nonsense', '\0', '\xff\xfe', '\xef\xbb\xbf{}'],
  ...['{"__proto__":{"name":"a"}}', '{"constructor":{"prototype":{"a":1}}}', '{"name":"a","name":"b"}'],
  ...['{"name":1e400}', '{"name":-0}', '{"name":123456789012345678901234567890}', '{"answer":{"$ne":null}}'],
  ...['{"name":"\\u0000"}', '{"name":"\\ud800"}', '{"answer":"\\udfff\\u0000"}', '{"answer":[[[]]]}'],
  `${'['.repeat(40_000)}${']'.repeat(40_000)}`,
  `${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}`,
  `{"events":[{"action":"push","target":{"repository":"\\u0000","digest":"\\ud800","tag":1e400}},{"target":null}]}`,
  `grant_type=refresh_token&refresh_token=%00&service=localhost:9&scope=%00`,
  `grant_type=password&username=%00&password=%00&username=a&service[]=a`,
  `_csrf=a&_csrf=b&name[a]=b`,
  'a=b&'.repeat(2000),
]

test('no odd header makes the server fail, at whichever of its doors', async () => {
  await each(
    doors().flatMap((door) => oddHeaders().map((header) => ({ ...door, headers: replaced(door, header) }))),
  )
})

test('no odd body makes it fail, however its length lies', async () => {
  const taking = doors().filter(({ method }) => method === 'POST')
  await each(taking.flatMap((door) => oddBodies.map((body) => ({ ...door, body }))))
  for (const length of ['0', '1', '-1', '5, 5', '1e2', '99999999999', 'nonsense'])
    await each(taking.map((door) => ({ ...door, headers: [...door.headers, `Content-Length: ${length}`] })))
})

test('no odd address makes it fail', async () => {
  const values = oddValues.map((value) => value.replaceAll(' ', '%20'))
  const paths = [
    ...[
      '/hunt/',
      '/evidence/first/',
      '/evidence/',
      '/reset/',
      '/organizer/',
      '/me/submissions/',
      '/desk/submissions/',
    ],
    ...[
      '/assets/',
      '/git/',
      `/git/${tara.slug}/`,
      `/git/${tara.slug}/first.git/`,
      '/api/v1/challenges/',
      '/',
    ],
    ...[
      '/login?next=',
      '/login?form=',
      '/me?before=',
      '/desk?find=',
      '/desk?player=',
      '/desk?before=',
      '/desk?verdict=',
      '/desk/workspaces?find=',
      '/desk/workspaces?state=',
      '/evidence/first/HEAD/file?path=',
      '/leaderboard?page=',
      '/leaderboard?around=',
    ],
    ...['/hunt/first?lang=', '/hunt/first?fragment=', `/git/${tara.slug}/first.git/info/refs?service=`],
    ...[
      '/registry/token?service=localhost:9&scope=',
      '/registry/token?account=',
      '/api/v1/leaderboard?around=',
    ],
    ...[
      '/api/v1/submissions?after=',
      '/api/v1/submissions?challenge=',
      '/api/v1/events?lastEventId=',
      '/metrics?',
    ],
    ...['/api/v1/submissions/', '/api/v1/tokens/', '/api/v1/leaderboard?after=', '/api/v1/hunt?lang='],
  ]
  const ways = paths.flatMap((path) => values.map((value) => `${path}${value}`))
  const nested = paths
    .filter((path) => path.endsWith('='))
    .flatMap((path) => [
      `${path}a&${path.split('?')[1] ?? ''}b`,
      path.replace(/=$/, '[a][b]=c'),
      path.replace(/=$/, ''),
    ])
  // She plays and organizes, so that every page opens.
  await promote(hunt.game, tara.memberId)
  const headers = [`Cookie: ${await logIn(hunt.url, 'Tara')}`]
  const byName = [`Authorization: ${basic(tara.slug, tara.token)}`]
  await each(
    [...ways, ...nested].map((path) => ({
      method: 'GET',
      path,
      headers: /^\/(git|registry)/.test(path) ? byName : headers,
    })),
  )
  await each(
    ['*', '//', '/..', '/%2e%2e/', 'http://elsewhere/', '?', '/\\'].map((path) => ({
      method: 'GET',
      path,
      headers,
    })),
  )
})

test('a cookie of JSON opens every page as if it were not there', async () => {
  const { form } = cookieNamesOf({ app: hunt.master.app } as never)
  const answer = await fetch(`${hunt.url}/login`, { headers: { Cookie: `${form}=j:{"split":1}` } })
  assert.equal(answer.status, 200)
  assert.match(await answer.text(), /name="_csrf" value="[0-9a-f]/)
})

test('an address that cannot be decoded is said to be broken, on pages in the reader’s language', async () => {
  const page = await fetch(`${hunt.url}/hunt/%E0%A4%A`, { headers: { 'Accept-Language': 'fr' } })
  assert.equal(page.status, 400)
  assert.match(textOf(await page.text()), /Cette adresse est abîmée/)
  const call = await apiOf(hunt.url)('GET', '/challenges/%E0%A4%A', { token: tara.token })
  assert.equal(call.status, 400)
  assert.equal(call.body.code, 'address-broken')
  assert.match((await anonymousJar(hunt.url).get('/leaderboard?around=%00')).text, /Leaderboard/)
})

function replaced({ headers }: Door, header: string): string[] {
  const name = header.split(':')[0]?.toLowerCase() ?? ''
  return [...headers.filter((one) => !one.toLowerCase().startsWith(`${name}:`)), header]
}

/** Sends them, some at a time; after each there must be an answer that is not ours to excuse, or none because the request was none. */
async function each(asked: readonly Door[]): Promise<void> {
  const left = [...asked]
  const failed: string[] = []
  const work = async () => {
    for (let door = left.shift(); door; door = left.shift()) {
      const status = await statusOf(door)
      if (status >= 500) failed.push(`${status} ${JSON.stringify(door).slice(0, 400)}`)
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  assert.deepEqual(failed, [])
  assert.equal((await fetch(`${hunt.url}/healthz`)).status, 200)
}

/** As it stands, byte by byte: clients that are well-behaved would not send it. 0 where the connection ended without an answer. */
async function statusOf({ method, path, headers, body }: Door): Promise<number> {
  const { port } = new URL(hunt.url)
  const bytes = Buffer.from(body ?? '', 'latin1')
  const lengthIsGiven = headers.some((one) => /^content-length:/i.test(one))
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: localhost:${port}`,
    ...headers,
    ...(body === undefined || lengthIsGiven ? [] : [`Content-Length: ${bytes.length}`]),
    ...(headers.some((one) => /^connection:/i.test(one)) ? [] : ['Connection: close']),
  ]
  const socket = connect(Number(port), 'localhost')
  try {
    return await new Promise<number>((resolve, reject) => {
      let heard = ''
      const status = () => Number(/^HTTP\/1\.1 (\d{3})/.exec(heard)?.[1] ?? 0)
      socket.setTimeout(20_000, () =>
        reject(new Error(`${method} ${path} was not answered: ${headers.join(', ')}`)),
      )
      socket.on('error', () => resolve(status()))
      socket.on('close', () => resolve(status()))
      socket.on('data', (chunk) => {
        heard += chunk.toString('latin1')
        if (status() >= 200) resolve(status())
      })
      socket.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]))
      // A length that promises more than comes: whoever sends it goes away.
      if (lengthIsGiven) setTimeout(() => socket.destroy(), 300).unref()
    })
  } finally {
    socket.destroy()
  }
}
