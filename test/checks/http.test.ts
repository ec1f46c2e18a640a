import assert from 'node:assert/strict'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { text as textOf } from 'node:stream/consumers'
import { describe, it, type TestContext } from 'node:test'
import { check } from '../../src/checks/http.ts'
import { Inconclusive, TooLarge } from '../../src/lib/errors.ts'
import { lookThrough, suffix } from '../helpers/look-http.ts'
import { encodings, windowsTexts } from '../helpers/windows-text.ts'
import { listenHttp, listenHttps, selfSigned } from '../helpers/listen.ts'

/** Stands for the ingress controller: what it does with hosts is its own business, what it answers is all that is seen. */
async function controller(context: TestContext, routes: Record<string, RequestListener>) {
  return await listenHttp(context, (request, response) => {
    const route = routes[request.headers.host ?? '']
    if (route) route(request, response)
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found')
  })
}

const web = `web.${suffix}`
const redirect =
  (to: string, status = 302) =>
  (_: IncomingMessage, response: ServerResponse) =>
    response.writeHead(status, { location: to }).end()

describe('a host name of the player is asked', () => {
  it('tells status, headers, text and JSON, and where it was', async (t) => {
    const httpPort = await controller(t, {
      [web]: (request, response) =>
        response
          .setHeader('X-Village', 'Lhasa')
          .setHeader('Set-Cookie', ['a=1', 'b=2'])
          .setHeader('Content-Type', 'application/json')
          .end(JSON.stringify({ path: request.url, up: true })),
    })
    const { facts, evidence } = await lookThrough({ httpPort }, { host: 'web', path: '/health?deep=1' })
    assert.deepEqual([facts.reached, facts.trouble, facts.status, facts.complete], [true, '', 200, true])
    assert.equal(facts.url, `http://${web}/health?deep=1`)
    assert.equal(facts.headers['x-village'], 'Lhasa')
    assert.equal(facts.headers['set-cookie'], 'a=1\nb=2')
    assert.equal(facts.text, '{"path":"/health?deep=1","up":true}')
    assert.deepEqual(facts.json, { path: '/health?deep=1', up: true })
    assert.deepEqual([facts.tls, facts.redirects, facts.strayed], [null, [], ''])
    assert.ok(facts.milliseconds >= 0)
    assert.deepEqual(
      evidence.map(({ what, where }) => [what, where]),
      [['response', facts.url]],
    )
    assert.match(evidence[0]?.revision ?? '', /^200 sha256:[0-9a-f]{64}$/)
  })

  it('is named with the port at which the world calls it, wherever the server asks', async (t) => {
    const httpPort = await controller(t, { [`${web}:8081`]: (_, response) => response.end('Tashi delek') })
    const { facts, evidence } = await lookThrough({ httpPort, publicHttpPort: 8081 }, { host: 'web' })
    assert.deepEqual([facts.status, facts.url], [200, `http://${web}:8081/`])
    assert.equal(evidence[0]?.where, `http://${web}:8081/`)
  })

  it('asks the suffix itself where the host is empty, and takes text that is no JSON as text alone', async (t) => {
    const httpPort = await controller(t, { [suffix]: (_, response) => response.end('Tashi delek') })
    const { facts } = await lookThrough({ httpPort }, { host: '' })
    assert.deepEqual([facts.status, facts.text, facts.json], [200, 'Tashi delek', null])
  })

  for (const encoding of encodings)
    it(`reads a page that was saved on Windows, in ${encoding} with its mark`, async (t) => {
      const write = windowsTexts[encoding]
      const httpPort = await controller(t, { [web]: (_, response) => response.end(write('{"up":"é"}')) })
      const { facts } = await lookThrough({ httpPort }, { host: 'web' })
      assert.deepEqual([facts.text, facts.json], ['{"up":"é"}', { up: 'é' }])
    })

  it('sends what the author says: method, body and headers', async (t) => {
    const httpPort = await controller(t, {
      [web]: (request, response) =>
        void textOf(request).then((body) =>
          response.end(JSON.stringify([request.method, request.headers['x-key'], body])),
        ),
    })
    const spec = { host: 'web', method: 'POST', body: 'é', headers: { 'x-key': 'lotus' } }
    assert.deepEqual((await lookThrough({ httpPort }, spec)).facts.json, ['POST', 'lotus', 'é'])
    const head = await lookThrough({ httpPort }, { host: 'web', method: 'HEAD' })
    assert.deepEqual([head.facts.status, head.facts.text, head.facts.complete], [200, '', true])
  })

  it('takes what the controller says of an unknown host or a dead program as what the player made', async (t) => {
    const httpPort = await controller(t, { [web]: (_, response) => response.writeHead(503).end() })
    const unknown = await lookThrough({ httpPort }, { host: 'wep' })
    assert.deepEqual([unknown.facts.reached, unknown.facts.status], [true, 404])
    const dead = await lookThrough({ httpPort }, { host: 'web' })
    assert.deepEqual([dead.facts.reached, dead.facts.status], [true, 503])
  })

  it('blames nobody when no controller listens, or the cluster has none', async () => {
    await assert.rejects(lookThrough({ httpPort: 1 }, { host: 'web' }), Inconclusive)
    await assert.rejects(lookThrough(null, { host: 'web' }), Inconclusive)
  })

  it('reads the namespace of the environment that the author names', async (t) => {
    const httpPort = await controller(t, {})
    const { environments } = await lookThrough({ httpPort }, { host: 'web', environment: 'staging' })
    assert.deepEqual(environments, ['staging'])
  })
})

describe('redirects', () => {
  it('are told, and followed only as far as the author says', async (t) => {
    const httpPort = await controller(t, {
      [suffix]: redirect(`http://${web}/old`),
      [web]: (request, response) =>
        request.url === '/old' ? redirect('/new#top')(request, response) : response.end('here'),
    })
    const none = await lookThrough({ httpPort }, { host: '' })
    assert.deepEqual([none.facts.status, none.facts.redirects, none.facts.strayed], [302, [], ''])
    assert.equal(none.facts.headers['location'], `http://${web}/old`)
    const one = await lookThrough({ httpPort }, { host: '', follow: 1 })
    assert.deepEqual([one.facts.status, one.facts.redirects], [302, [`http://${web}/old`]])
    const all = await lookThrough({ httpPort }, { host: '', follow: 5 })
    assert.deepEqual([all.facts.text, all.facts.url], ['here', `http://${web}/new`])
    assert.deepEqual(all.facts.redirects, [`http://${web}/old`, `http://${web}/new`])
  })

  it('lead from http to https at the same controller, whatever port they name', async (t) => {
    const pair = await selfSigned([`DNS:${web}`])
    const httpPort = await controller(t, { [web]: redirect(`https://${web}:8443/`) })
    const httpsPort = await listenHttps(t, pair, (request, response) =>
      response.end(request.headers.host ?? ''),
    )
    const { facts } = await lookThrough({ httpPort, httpsPort }, { host: 'web', follow: 1 })
    assert.equal(facts.text, `${web}:8443`)
    assert.equal(facts.tls?.covers, true)
  })

  it('turn a POST into a GET where browsers do, and not where they do not', async (t) => {
    const answer: RequestListener = (request, response) =>
      void textOf(request).then((body) =>
        request.url === '/new'
          ? response.end(`${request.method} ${body}`)
          : redirect('/new', Number(request.url?.slice(1)))(request, response),
      )
    const httpPort = await controller(t, { [web]: answer })
    const post = { host: 'web', method: 'POST', body: 'x', follow: 1 }
    assert.equal((await lookThrough({ httpPort }, { ...post, path: '/303' })).facts.text, 'GET ')
    assert.equal((await lookThrough({ httpPort }, { ...post, path: '/307' })).facts.text, 'POST x')
  })

  const outside = [
    'http://169.254.169.254/latest/meta-data/',
    'http://127.0.0.1:1/',
    'http://[::1]/',
    `http://${suffix}.evil.example/`,
    `http://evil${suffix}/`,
    'http://web.abhra.play.example.org/',
    'http://nobody.invalid/',
    'file:///etc/passwd',
    'http://',
  ]
  for (const place of outside)
    it(`are not followed to ${place}, and that is told`, async (t) => {
      const httpPort = await controller(t, { [web]: redirect(place) })
      for (const follow of [0, 5]) {
        const { facts } = await lookThrough({ httpPort }, { host: 'web', follow })
        assert.deepEqual([facts.status, facts.redirects, facts.strayed], [302, [], place])
      }
    })

  it('hand no credentials over to another host', async (t) => {
    const httpPort = await controller(t, {
      [web]: redirect(`http://tara:pass@api.${suffix}/`),
      [`api.${suffix}`]: (request, response) => response.end(JSON.stringify(request.headers)),
    })
    const headers = { authorization: 'Bearer lotus', 'x-key': 'kept' }
    const { facts } = await lookThrough({ httpPort }, { host: 'web', follow: 1, headers })
    const sent = facts.json as Record<string, string>
    assert.deepEqual([sent['authorization'], sent['x-key']], [undefined, 'kept'])
    assert.deepEqual(facts.redirects, [`http://api.${suffix}/`])
  })
})

describe('a certificate', () => {
  it('that vouches for itself is read and told, not trusted', async (t) => {
    const pair = await selfSigned([`DNS:${web}`, 'DNS:*.other.example', 'IP:127.0.0.1'], 30)
    const httpsPort = await listenHttps(t, pair, (_, response) => response.end('sealed'))
    const { facts } = await lookThrough({ httpsPort }, { host: 'web', scheme: 'https' })
    assert.equal(facts.text, 'sealed')
    const { validFrom, validTo, ...tls } = facts.tls ?? assert.fail('no TLS')
    assert.deepEqual(tls, {
      issuer: 'O=Village, CN=Village CA',
      names: [web, '*.other.example', '127.0.0.1'],
      covers: true,
      daysLeft: 29,
      trusted: false,
      problem: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    })
    assert.equal(Date.parse(validTo) - Date.parse(validFrom), 30 * 86_400_000)
  })

  it('made out to another host is told', async (t) => {
    const pair = await selfSigned(['DNS:web.elsewhere.example'])
    const httpsPort = await listenHttps(t, pair, (_, response) => response.end())
    const { facts } = await lookThrough({ httpsPort }, { host: 'web', scheme: 'https' })
    assert.deepEqual([facts.tls?.covers, facts.tls?.trusted], [false, false])
  })

  it('with a name that pretends to be two, and with hundreds, is told as it is, bounded', async (t) => {
    const names = Array.from({ length: 300 }, (_, number) => `DNS:n${number}.example`)
    const pair = await selfSigned([`DNS:x.example, DNS:${web}`, ...names])
    const httpsPort = await listenHttps(t, pair, (_, response) => response.end())
    const { facts } = await lookThrough({ httpsPort }, { host: 'web', scheme: 'https' })
    assert.equal(facts.tls?.names.length, 100)
    assert.equal(facts.tls.names[1], 'n0.example')
    assert.ok(!facts.tls.names.includes(web))
  })
})

describe('JSON that a player nested', () => {
  it('beyond all measure is told to be theirs', async (t) => {
    const httpPort = await controller(t, {
      [web]: (_, response) => response.end('['.repeat(2000) + ']'.repeat(2000)),
    })
    await assert.rejects(lookThrough({ httpPort }, { host: 'web' }), TooLarge)
  })
})

describe('what an author may say', () => {
  const faults: [string, Record<string, unknown>][] = [
    ['neither host nor service', {}],
    ['both host and service', { host: 'web', service: 'web', port: 80 }],
    ['a service without its port', { service: 'web' }],
    ['a host with a port', { host: 'web', port: 80 }],
    ['a host that leads elsewhere', { host: 'web.evil.example/' }],
    ['a host with a login', { host: 'tara@web' }],
    ['a path without a slash', { host: 'web', path: 'evil' }],
    ['a path with a new line', { host: 'web', path: '/\r\nhost: evil' }],
    ['a header with a new line', { host: 'web', headers: { 'x-key': 'a\r\nb: c' } }],
    ['a header that is not theirs to set', { host: 'web', headers: { host: 'evil.example' } }],
    ['a body without POST', { host: 'web', body: 'x' }],
    ['a POST to a service', { service: 'web', port: 80, method: 'POST' }],
    ['redirects of a service', { service: 'web', port: 80, follow: 1 }],
    ['more redirects than five', { host: 'web', follow: 6 }],
    ['a method that changes more', { host: 'web', method: 'DELETE' }],
  ]
  for (const [name, spec] of faults)
    it(`is not ${name}`, () => assert.equal(check.spec.safeParse(spec).success, false))

  it('may hold templates', () => {
    const spec = { host: '{{params.word}}', headers: { 'x-key': '{{params.key}}' }, path: '/{{player.slug}}' }
    assert.ok(check.spec.safeParse(spec).success)
    assert.ok(check.spec.safeParse({ service: '{{params.word}}', port: '{{params.port}}' }).success)
  })
})
