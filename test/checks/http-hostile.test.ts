import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Inconclusive } from '../../src/lib/errors.ts'
import { lookThrough, suffix } from '../helpers/look-http.ts'
import { listenHttp, listenRaw } from '../helpers/listen.ts'

const web = { host: 'web', seconds: 1 }
const limit = 64 * 1024

describe('a program that means harm', () => {
  it('never ends its body: what came within the limit is told, and the connection closed', async (t) => {
    let closed: () => void = () => undefined
    const gone = new Promise<void>((resolve) => (closed = resolve))
    const httpPort = await listenHttp(t, (_, response) => {
      const pour = () => {
        while (response.write('x'.repeat(16_384)));
      }
      response.on('drain', pour).on('close', closed)
      pour()
    })
    const { facts } = await lookThrough({ httpPort }, { ...web, seconds: 20 })
    assert.deepEqual([facts.status, facts.text.length, facts.complete], [200, limit, false])
    await gone
  })

  it('may fill the limit to its last byte and be complete', async (t) => {
    const httpPort = await listenHttp(t, (_, response) => response.end('x'.repeat(limit)))
    const { facts } = await lookThrough({ httpPort }, { ...web, seconds: 20 })
    assert.deepEqual([facts.text.length, facts.complete], [limit, true])
  })

  it('drips its body: what came in time is told', async (t) => {
    const httpPort = await listenRaw(t, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"a"')
      drip(socket, ' ')
    })
    const { facts } = await lookThrough({ httpPort }, web)
    assert.deepEqual([facts.status, facts.complete, facts.json], [200, false, null])
    assert.match(facts.text, /^\{"a" +$/)
  })

  it('drips its headers: that nothing came is told as theirs, since the controller answers for others', async (t) => {
    const httpPort = await listenRaw(t, (socket, head) => {
      if (!head.includes(suffix)) return socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
      socket.write('HTTP/1.1 200 OK\r\n')
      drip(socket, 'x: y\r\n')
    })
    const { facts, evidence } = await lookThrough({ httpPort }, web)
    assert.deepEqual([facts.reached, facts.trouble, facts.status], [false, 'silent', 0])
    assert.deepEqual(evidence, [])
  })

  it('sends early hints without end: told as silence', async (t) => {
    const httpPort = await listenRaw(t, (socket, head) => {
      if (!head.includes(suffix)) return socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
      drip(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n')
    })
    assert.equal((await lookThrough({ httpPort }, web)).facts.trouble, 'silent')
  })

  const malformed = {
    'a bad status line': 'HTTP/1.1 OK fine\r\n\r\n',
    'another protocol': 'SSH-2.0-OpenSSH_9.6\r\n',
    'ten thousand headers': `HTTP/1.1 200 OK\r\n${Array.from({ length: 10_000 }, (_, n) => `h${n}: x\r\n`).join('')}\r\n`,
    'one endless header': `HTTP/1.1 200 OK\r\na: ${'b'.repeat(1_000_000)}`,
    'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    'a change of protocol': 'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
  }
  for (const [name, answer] of Object.entries(malformed))
    it(`answers with ${name}: told as malformed`, async (t) => {
      const httpPort = await listenRaw(t, (socket) => socket.write(answer))
      const { facts } = await lookThrough({ httpPort }, web)
      assert.deepEqual([facts.reached, facts.trouble], [false, 'malformed'])
    })

  it('sends more headers than anyone reads, within the limit: the first are told, cut', async (t) => {
    const httpPort = await listenHttp(t, (_, response) => {
      response.setHeader('long', 'x'.repeat(5000))
      for (let number = 0; number < 500; number += 1) response.setHeader(`h${number}`, 'x')
      response.end()
    })
    const { facts } = await lookThrough({ httpPort }, web)
    assert.equal(Object.keys(facts.headers).length, 64)
    assert.equal(facts.headers['long']?.length, 2000)
  })

  it('breaks off in the body, or breaks its chunks: what came is told as the beginning', async (t) => {
    const short = await listenRaw(t, (socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}'),
    )
    const broken = await listenRaw(t, (socket) =>
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n'),
    )
    for (const httpPort of [short, broken]) {
      const { facts } = await lookThrough({ httpPort }, web)
      assert.deepEqual([facts.status, facts.text, facts.complete, facts.json], [200, '{}', false, null])
    }
  })

  it('sends a bomb: it is not unpacked', async (t) => {
    const bomb = gzipSync(Buffer.alloc(20 * 2 ** 20))
    const httpPort = await listenHttp(t, (_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    )
    const { facts } = await lookThrough({ httpPort }, { ...web, seconds: 20 })
    assert.deepEqual([facts.status, facts.text, facts.json], [200, '', null])
    assert.equal(facts.headers['content-encoding'], 'gzip')
  })

  it('redirects in a circle: it is left after as many as the author allows', async (t) => {
    const asked: string[] = []
    const httpPort = await listenHttp(t, (request, response) => {
      asked.push(request.url ?? '')
      response.writeHead(302, { location: request.url === '/a' ? '/b' : '/a' }).end()
    })
    const { facts } = await lookThrough({ httpPort }, { ...web, path: '/a', follow: 5, seconds: 20 })
    assert.deepEqual([facts.status, facts.redirects.length], [302, 5])
    assert.deepEqual(asked, ['/a', '/b', '/a', '/b', '/a', '/b'])
  })

  it('redirects with a body that never ends: the next address is asked at once', async (t) => {
    const httpPort = await listenHttp(t, (request, response) => {
      if (request.url === '/next') return response.end('here')
      response.writeHead(302, { location: '/next' }).write('x')
    })
    const { facts } = await lookThrough({ httpPort }, { ...web, follow: 1, seconds: 20 })
    assert.deepEqual([facts.text, facts.complete], ['here', true])
  })

  it('redirects to an address without end: told cut', async (t) => {
    const long = await listenHttp(t, (_, response) =>
      response.writeHead(302, { location: `http://evil.example/${'x'.repeat(10_000)}` }).end(),
    )
    const { facts } = await lookThrough({ httpPort: long }, { ...web, follow: 5 })
    assert.equal(facts.strayed.length, 2000)
  })
})

describe('nobody is blamed', () => {
  it('when the controller keeps silent to everybody', async (t) => {
    const httpPort = await listenRaw(t, () => undefined)
    await assert.rejects(lookThrough({ httpPort }, web), Inconclusive)
  })

  it('when the controller hangs up', async (t) => {
    const httpPort = await listenRaw(t, (socket) => socket.destroy())
    await assert.rejects(lookThrough({ httpPort }, web), Inconclusive)
  })

  it('when the controller speaks no TLS where it should', async (t) => {
    const httpsPort = await listenHttp(t, (_, response) => response.end())
    await assert.rejects(lookThrough({ httpsPort }, { ...web, scheme: 'https' }), Inconclusive)
  })

  it('when its name cannot be resolved', async () => {
    await assert.rejects(lookThrough({ address: 'ingress.invalid' }, web), Inconclusive)
  })

  it('when the deadline of the check comes first, be it in the body', async (t) => {
    for (const head of ['', 'HTTP/1.1 200 OK\r\n\r\n']) {
      const end = new AbortController()
      const httpPort = await listenRaw(t, (socket) => {
        socket.write(head)
        setTimeout(() => end.abort(), 50)
      })
      await assert.rejects(lookThrough({ httpPort }, { ...web, seconds: 20 }, end.signal), Inconclusive)
    }
  })
})

function drip(socket: Socket, drop: string): void {
  const timer = setInterval(() => socket.write(drop), 20)
  socket.once('close', () => clearInterval(timer))
}
