import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { boundedRequest, type BoundedRequest } from '../../src/lib/bounded.ts'
import { Unanswered } from '../../src/lib/bounded/exchange.ts'
import { listenHttp, listenHttps, listenRaw, selfSigned } from '../helpers/listen.ts'

const signal = new AbortController().signal

function unanswered(why: Unanswered['why']): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof Unanswered, String(error))
    assert.equal(error.why, why)
    return true
  }
}

function call(url: string, port: number, more: Partial<BoundedRequest> = {}): BoundedRequest {
  const connectTo = () => ({ address: '127.0.0.1', port })
  return { url: new URL(url), connectTo, maxBytes: 100, signal, ...more }
}

describe('a bounded request', () => {
  it('takes hosts from a list by their own names, and nothing beside them', async (t) => {
    const port = await listenHttp(t, (_, response) =>
      response.writeHead(307, { location: 'http://elsewhere.example/blob' }).end('moved'),
    )
    const allowed = new Set([`localhost:${port}`])
    const connectTo = ({ host, hostname }: URL) => (allowed.has(host) ? { address: hostname, port } : null)
    const answer = await boundedRequest(call(`http://localhost:${port}/v2/`, 0, { connectTo, redirects: 3 }))
    assert.equal(answer.strayed, 'http://elsewhere.example/blob')
    assert.equal(answer.body.toString(), 'moved')
    const away = boundedRequest(call('http://elsewhere.example/', 0, { connectTo }))
    await assert.rejects(away, /not to be reached/)
  })

  it('trusts no certificate that nobody vouches for, unless it only tells', async (t) => {
    const pair = await selfSigned(['DNS:web.example.org'])
    const port = await listenHttps(t, pair, (_, response) => response.end('sealed'))
    const url = 'https://web.example.org/'
    await assert.rejects(boundedRequest(call(url, port)), unanswered('unreachable'))
    const { peer, body } = await boundedRequest(call(url, port, { certificates: 'tell' }))
    assert.deepEqual([body.toString(), peer?.problem], ['sealed', 'DEPTH_ZERO_SELF_SIGNED_CERT'])
  })

  it('tells a connection that never comes about from an answer that never comes', async (t) => {
    const port = await listenRaw(t, () => undefined)
    await assert.rejects(
      boundedRequest(call('http://a.example/', port, { totalMs: 1000 })),
      unanswered('silent'),
    )
    // The server waits for a request and never shakes hands.
    await assert.rejects(
      boundedRequest(call('https://a.example/', port, { connectMs: 200 })),
      unanswered('unreachable'),
    )
  })

  it('spends one time on all redirects together', async (t) => {
    const port = await listenHttp(t, (_, response) => {
      setTimeout(() => response.writeHead(302, { location: '/again' }).end(), 60)
    })
    const endless = call('http://a.example/', port, { redirects: 1000, totalMs: 1000 })
    // The time may run out while the next connection is made, too.
    await assert.rejects(boundedRequest(endless), Unanswered)
  })

  it('keeps its own headers, whatever the caller says', async (t) => {
    const port = await listenHttp(t, (request, response) => response.end(JSON.stringify(request.headers)))
    const headers = { host: 'evil.example', 'accept-encoding': 'gzip' }
    const { body } = await boundedRequest(call('http://a.example/', port, { headers, maxBytes: 1000 }))
    const sent = JSON.parse(body.toString()) as Record<string, string>
    assert.deepEqual([sent['host'], sent['accept-encoding']], ['a.example', 'identity'])
  })

  it('reads a million chunks of one byte no further than its limit', async (t) => {
    const port = await listenRaw(t, (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
      socket.end('1\r\nx\r\n'.repeat(1_000_000))
    })
    const { body, complete } = await boundedRequest(call('http://a.example/', port, { maxBytes: 5000 }))
    assert.deepEqual([body.length, complete], [5000, false])
  })
})
