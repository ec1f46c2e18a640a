import { request as httpRequest, type Agent, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import type { X509Certificate } from 'node:crypto'
import { TLSSocket } from 'node:tls'
import { codeOf, Inconclusive } from '../errors.ts'

/** Where a connection really goes, whatever the URL's host is called. */
export interface Endpoint {
  address: string
  port: number
}

/**
 * No answer came. `unreachable`: no connection, or it broke; `silent`: connected, and then nothing in time; `malformed`: what
 * came is no HTTP, or its headers are longer than 32 KiB. Whose fault that is, only the caller can know.
 */
export class Unanswered extends Inconclusive {
  override name = 'Unanswered'
  constructor(
    readonly why: 'unreachable' | 'silent' | 'malformed',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

export interface Exchange {
  url: URL
  endpoint: Endpoint
  /** Keeps connections; without one each is closed. */
  agent?: Agent | undefined
  method: 'GET' | 'HEAD' | 'POST' | 'DELETE'
  headers: Readonly<Record<string, string>>
  body: string | undefined
  connectMs: number
  /** `tell` goes on with a certificate that nobody vouches for, and says so. */
  certificates: 'verify' | 'tell'
  /** The end of the time for everything together. */
  deadline: AbortSignal
  /** The caller has lost interest. */
  signal: AbortSignal
}

export interface Peer {
  certificate: X509Certificate
  /** Why the certificate is not to be trusted, in OpenSSL's or Node's code; empty where it is. */
  problem: string
}

export interface Opened {
  response: IncomingMessage
  /** null without TLS. */
  peer: Peer | null
}

const maxHeaderSize = 32 * 1024

/** One request, until the answer's headers are there. Throws `Unanswered`. */
export async function exchange(one: Exchange): Promise<Opened> {
  const request = open(one)
  let connected = false
  const giveUp = () => request.destroy(late(one, connected))
  const impatient = setTimeout(giveUp, one.connectMs)
  const arrive = () => {
    connected = true
    clearTimeout(impatient)
  }
  request.once('socket', (socket) => {
    if (request.reusedSocket) arrive()
    else socket.once(one.url.protocol === 'https:' ? 'secureConnect' : 'connect', arrive)
  })
  const ends = [one.deadline, one.signal]
  for (const end of ends) {
    end.addEventListener('abort', giveUp, { once: true })
    if (end.aborted) giveUp()
  }
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve)
      request.once('upgrade', () => reject(new Unanswered('malformed', 'it changed the protocol unasked')))
      // What breaks after the headers shows in the body, which ends early.
      request.on('error', (error) => reject(unansweredOf(one, error)))
      request.end(one.body)
    })
    return { response, peer: peerOf(response) }
  } catch (error) {
    request.destroy()
    throw error
  } finally {
    clearTimeout(impatient)
    for (const end of ends) end.removeEventListener('abort', giveUp)
  }
}

function open({ url, endpoint, agent, method, headers, body, certificates }: Exchange): ClientRequest {
  const name = url.hostname.replace(/^\[|\]$/g, '')
  const options = {
    host: endpoint.address,
    port: endpoint.port,
    path: url.pathname + url.search,
    method,
    maxHeaderSize,
    headers: {
      ...headers,
      ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      host: url.host,
      // Nothing is ever unpacked, so that there is no bomb.
      'accept-encoding': 'identity',
    },
    // A connection that is kept could belong to another address.
    agent: agent ?? (false as const),
  }
  if (url.protocol !== 'https:') return httpRequest(options)
  return httpsRequest({
    ...options,
    servername: isIP(name) ? '' : name,
    rejectUnauthorized: certificates === 'verify',
  })
}

function peerOf(response: IncomingMessage): Peer | null {
  if (!(response.socket instanceof TLSSocket)) return null
  const certificate = response.socket.getPeerX509Certificate()
  if (!certificate) return null
  const { authorized, authorizationError } = response.socket
  return { certificate, problem: authorized ? '' : String(authorizationError) }
}

export function stopped(): Inconclusive {
  return new Inconclusive('The request was stopped.')
}

function late({ url, signal }: Exchange, connected: boolean): Inconclusive {
  if (signal.aborted) return stopped()
  return connected
    ? new Unanswered('silent', `${url.host} did not answer in time`)
    : new Unanswered('unreachable', `no connection for ${url.host} in time`)
}

function unansweredOf({ url, endpoint }: Exchange, error: Error): Inconclusive {
  if (error instanceof Inconclusive) return error
  const code = codeOf(error)
  const why = error.message || code || error.name
  const cause = { cause: error }
  return code.startsWith('HPE_')
    ? new Unanswered('malformed', `${url.host} answered something that is no HTTP: ${why}`, cause)
    : new Unanswered('unreachable', `${url.host} at ${endpoint.address}:${endpoint.port}: ${why}`, cause)
}
