import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Readable } from 'node:stream'
import { boundedRequest, boundedStream, type BoundedAnswer } from '../../lib/bounded.ts'
import { Unanswered } from '../../lib/bounded/exchange.ts'
import type { BoundedCall } from '../../lib/bounded/follow.ts'
import { Inconclusive, TooLarge } from '../../lib/errors.ts'

export interface RegistryAgents {
  http: HttpAgent
  https: HttpsAgent
}

/** Connections to a registry that all its readers share. `ca` in PEM stands beside the authorities that Node knows by itself. */
export function createAgents(ca?: readonly string[]): RegistryAgents {
  const kept = { keepAlive: true, maxSockets: 32, maxFreeSockets: 8 }
  return { http: new HttpAgent(kept), https: new HttpsAgent({ ...kept, ...(ca && { ca: [...ca] }) }) }
}

export interface RegistryPlace {
  /** Where the master reaches it, such as `http://registry:5000`. */
  url: string
  /** Hosts (with port, where it is not the scheme's own) that blobs may be redirected to, beside the registry itself. */
  redirects: readonly string[]
  /** A token for a scope such as `repository:tara/scroll:pull`; empty where the registry lets everybody in. */
  tokenFor(scope: string): Promise<string>
  agents: RegistryAgents
}

export interface RegistryCall {
  method?: 'GET' | 'DELETE'
  /** From the root, such as `/v2/`, with its query. */
  path: string
  scope: string
  accept?: readonly string[]
  /** Not every registry knows this call: any 404 means that there is none. */
  optional?: boolean
  /** 10 000 when not said. */
  totalMs?: number
  signal: AbortSignal
}

/** null where the registry says that there is none. Throws `Inconclusive` for every other answer that is no success. */
export async function ask(
  place: RegistryPlace,
  call: RegistryCall & { maxBytes: number },
): Promise<BoundedAnswer | null> {
  const answer = await answerTo(place, call)
  return isThere(answer, call) ? answer : null
}

/** Whatever the registry answers. Throws `Inconclusive` where it does not. */
export async function answerTo(
  place: RegistryPlace,
  call: RegistryCall & { maxBytes: number },
): Promise<BoundedAnswer> {
  const bounded = { ...(await boundedCall(place, call)), maxBytes: Math.max(call.maxBytes, maxError) }
  return await boundedRequest(bounded).catch((error: unknown) => {
    // A kept connection may have been closed just then.
    if (error instanceof Unanswered && error.why === 'unreachable') return boundedRequest(bounded)
    throw error
  })
}

/** As `ask`, for what is read as it comes. */
export async function stream(place: RegistryPlace, call: RegistryCall): Promise<Readable | null> {
  const bounded = await boundedCall(place, call)
  const answer = await boundedStream(bounded)
  if (answer.status === 200) return answer.stream
  answer.stream.destroy()
  // What went wrong stands in a body that is asked for once more, bounded.
  const refused = await ask(place, { ...call, maxBytes: 0 })
  if (refused === null) return null
  throw new Inconclusive(`The registry changed its mind about ${call.path}.`)
}

/** The whole body. Throws `TooLarge` where it is longer, `Inconclusive` where it broke off. */
export function wholeBody({ body, complete, url }: BoundedAnswer, what: string, maxBytes: number): Buffer {
  if (body.length > maxBytes || (!complete && body.length === maxBytes))
    throw new TooLarge(
      `${what} is larger than the ${maxBytes} bytes that are read of it: make it smaller.`,
      `${what} dépasse les ${maxBytes} octets qu’on en lit : allège-le.`,
    )
  if (!complete) throw new Inconclusive(`the answer of ${url.host} broke off`)
  return body
}

const maxError = 16 * 1024
const mostRedirects = 3

async function boundedCall(place: RegistryPlace, call: RegistryCall): Promise<BoundedCall> {
  const token = await place.tokenFor(call.scope)
  const own = new URL(place.url)
  const named = new Set(place.redirects)
  return {
    url: new URL(call.path, own),
    connectTo: (url) =>
      url.origin === own.origin || named.has(url.host) ? { address: nameOf(url), port: portOf(url) } : null,
    agentFor: ({ protocol }) => (protocol === 'https:' ? place.agents.https : place.agents.http),
    method: call.method ?? 'GET',
    headers: {
      ...(token !== '' && { authorization: `Bearer ${token}` }),
      ...(call.accept && { accept: call.accept.join(', ') }),
    },
    redirects: mostRedirects,
    totalMs: call.totalMs ?? 10_000,
    signal: call.signal,
  }
}

const nameOf = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '')
const portOf = ({ port, protocol }: URL) => Number(port || (protocol === 'https:' ? 443 : 80))

const absent = /^(MANIFEST|NAME|BLOB|MANIFEST_BLOB)_UNKNOWN$/

/** Only the registry's own words say that something is not there: a proxy before it may answer 404 for reasons of its own. */
function isThere(answer: BoundedAnswer, call: RegistryCall): boolean {
  const { status, strayed, url } = answer
  if (status >= 200 && status < 300) return true
  if (status === 404 && (call.optional || codesOf(answer.body).some((code) => absent.test(code))))
    return false
  if (strayed !== null)
    throw new Inconclusive(`${url.host} redirects to ${strayed}, which the board does not name: not followed`)
  const why = status === 401 || status === 403 ? ' to the master’s token' : ''
  const codes = codesOf(answer.body).join(', ')
  throw new Inconclusive(
    `${url.host} answered ${status}${why} for ${call.path}${codes === '' ? '' : ` (${codes})`}`,
  )
}

function codesOf(body: Buffer): string[] {
  try {
    const { errors } = JSON.parse(body.toString()) as { errors: { code: unknown }[] }
    return errors.map(({ code }) => String(code).slice(0, 40)).slice(0, 5)
  } catch {
    return []
  }
}
