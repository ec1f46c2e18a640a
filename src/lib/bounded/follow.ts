import type { Agent, IncomingMessage } from 'node:http'
import { exchange, type Endpoint, type Exchange, type Peer } from './exchange.ts'

export interface BoundedCall {
  url: URL
  /**
   * The only say on where a connection goes, asked again for every redirect; null for what must not be reached. Pin an
   * address, or give the host's own name back when it stands on a list.
   */
  connectTo(url: URL): Endpoint | null
  /** Connections that are kept, where all that is asked through them may share them; each is closed when not said. */
  agentFor?(url: URL): Agent | undefined
  /** GET when not said. */
  method?: Exchange['method']
  /** Names in lower case. Credentials are not handed on to another host. */
  headers?: Readonly<Record<string, string>>
  body?: string
  /** Redirects that are followed at most; none when not said. */
  redirects?: number
  /** `verify` when not said. */
  certificates?: Exchange['certificates']
  /** 5 000 when not said; for each connection. */
  connectMs?: number
  /** 10 000 when not said; for all redirects and the body together. A body that takes longer is cut. */
  totalMs?: number
  signal: AbortSignal
}

export interface Followed {
  /** The last one, after redirects. */
  url: URL
  status: number
  /** Names in lower case; of a header that comes more than once the values are joined. */
  headers: Record<string, string>
  /** Its body has not been read. */
  response: IncomingMessage
  /** Where the redirects led that were followed, in order. */
  redirects: string[]
  /** Where a redirect led that was not to be reached; null where none did. */
  strayed: string | null
  /** null without TLS. */
  peer: Peer | null
}

type Said = Pick<Exchange, 'method' | 'headers' | 'body'>

const longestAddress = 2000
const carriesCredentials = /^(authorization|cookie|proxy-authorization)$/

/** Asks, and follows redirects as far as the caller lets it. Throws `Unanswered` where no answer comes until `deadline`. */
export async function follow(call: BoundedCall, deadline: AbortSignal): Promise<Followed> {
  const redirects: string[] = []
  let { url } = call
  let say: Said = { method: call.method ?? 'GET', headers: call.headers ?? {}, body: call.body }
  for (;;) {
    const endpoint = call.connectTo(url)
    if (!endpoint) throw new Error(`${url.host} is not to be reached`)
    const { connectMs = 5000, certificates = 'verify', signal } = call
    const { response, peer } = await exchange({
      url,
      endpoint,
      ...say,
      connectMs,
      certificates,
      deadline,
      signal,
      agent: call.agentFor?.(url),
    })
    const status = response.statusCode ?? 0
    const target = targetOf(status, response.headers.location, url)
    const reachable = target instanceof URL && call.connectTo(target) !== null
    if (reachable && redirects.length < (call.redirects ?? 0)) {
      response.destroy()
      redirects.push(target.href.slice(0, longestAddress))
      say = sayTo(target, url, status, say)
      url = target
      continue
    }
    const strayed = target === null || reachable ? null : String(target).slice(0, longestAddress)
    return { url, status, headers: joined(response.headers), response, redirects, strayed, peer }
  }
}

/** null where the answer is no redirect; text where its address cannot be read or is not of the web. */
function targetOf(status: number, location: string | undefined, from: URL): URL | string | null {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return null
  if (!URL.canParse(location, from.href)) return location
  const target = new URL(location, from)
  if (!/^https?:$/.test(target.protocol)) return location
  // Nobody else says whom we log in as.
  return Object.assign(target, { username: '', password: '', hash: '' })
}

function sayTo(target: URL, from: URL, status: number, said: Said): Said {
  const headers =
    target.origin === from.origin
      ? said.headers
      : Object.fromEntries(Object.entries(said.headers).filter(([name]) => !carriesCredentials.test(name)))
  const becomesGet = said.method === 'POST' && (status === 301 || status === 302 || status === 303)
  if (!becomesGet) return { ...said, headers }
  const bodiless = Object.entries(headers).filter(([name]) => name !== 'content-type')
  return { method: 'GET', headers: Object.fromEntries(bodiless), body: undefined }
}

function joined(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join('\n') : (value ?? ''),
    ]),
  )
}
