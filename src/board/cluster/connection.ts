import { readFileSync } from 'node:fs'
import { request as httpRequest, type Agent, type IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import type { ClusterSettings } from '../../core/board-file.ts'
import { Fault, Inconclusive, TooLarge } from '../../lib/errors.ts'
import { failureOf } from './failure.ts'
import { timeoutSignal } from '../../lib/deadline.ts'

export interface ApiServerCall {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  query?: Readonly<Record<string, string | number | boolean | undefined>>
  /** Sent as JSON. */
  body?: unknown
  contentType?: string
  accept?: string
  headers?: Readonly<Record<string, string>>
  /** 8 MiB when not said; more is `TooLarge`. */
  maxBytes?: number
  /** Give the first `maxBytes` of a longer body instead. */
  truncate?: boolean
  signal?: AbortSignal
}

export interface ApiServerAnswer {
  status: number
  headers: IncomingMessage['headers']
  body: Buffer
  truncated: boolean
}

/**
 * One API server. Sockets are kept alive and shared; every call ends after `callMs`, whatever the server does.
 * `Inconclusive` when it cannot be reached or is not well, `ApiFailure` when it refuses.
 */
export interface Connection {
  readonly server: string
  readonly authority: string | undefined
  readonly kubeConfig: KubeConfig
  /** Any status; nothing but unreachability is thrown. */
  send(path: string, call?: ApiServerCall): Promise<ApiServerAnswer>
  /** The answer's body; other statuses than 2xx are thrown. */
  text(path: string, call?: ApiServerCall): Promise<string>
  json<T>(path: string, call?: ApiServerCall): Promise<T>
  /** The same server with the eyes of whom a token names. Close it after use. */
  as(token: string): Promise<Connection>
  close(): void
}

const sockets = 16

/** `resolvePath` makes the paths of the settings absolute; `callMs` bounds every call. */
export async function connectTo(
  settings: ClusterSettings,
  resolvePath: (path: string) => string,
  callMs = 15_000,
): Promise<Connection> {
  return await openConnection(settings.name, loadConfig(settings, resolvePath), callMs)
}

async function openConnection(name: string, kubeConfig: KubeConfig, callMs: number): Promise<Connection> {
  const cluster = kubeConfig.getCurrentCluster()
  if (!cluster) throw new Fault(`cluster ${name}: its kubeconfig has no current context`)
  const server = cluster.server.replace(/\/+$/, '')
  const agent = await keepAliveAgent(kubeConfig)
  const start = server.startsWith('http:') ? httpRequest : httpsRequest

  const send = async (path: string, call: ApiServerCall = {}): Promise<ApiServerAnswer> => {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body)
    const headers = { ...(await freshHeaders(kubeConfig)), ...contentHeaders(call, body), ...call.headers }
    const late = timeoutSignal(callMs)
    const signal = call.signal ? AbortSignal.any([call.signal, late]) : late
    const url = `${server}${path}${queryOf(call.query)}`
    return await new Promise<ApiServerAnswer>((resolve, reject) => {
      const fail = (error: unknown) => reject(unreachable(name, error))
      const request = start(url, { method: call.method ?? 'GET', headers, agent, signal }, (response) => {
        collect(response, call).then((read) => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, ...read })
        }, fail)
      })
      request.on('error', fail)
      request.end(body)
    })
  }
  const text = async (path: string, call?: ApiServerCall) => {
    const { status, body } = await send(path, call)
    if (status < 200 || status > 299) throw failureOf(status, body.toString())
    return body.toString()
  }
  return {
    server,
    kubeConfig,
    send,
    text,
    authority: authorityOf(kubeConfig),
    json: async <T>(path: string, call?: ApiServerCall) => JSON.parse(await text(path, call)) as T,
    as: (token) => openConnection(name, withToken(kubeConfig, token), callMs),
    close: () => agent.destroy(),
  }
}

function loadConfig(settings: ClusterSettings, resolvePath: (path: string) => string): KubeConfig {
  const kubeConfig = new KubeConfig()
  try {
    if (settings.inCluster) kubeConfig.loadFromCluster()
    else kubeConfig.loadFromFile(resolvePath(settings.kubeconfig ?? ''))
  } catch (error) {
    throw new Fault(
      `cluster ${settings.name}: ${settings.kubeconfig ?? 'the service account'}: ${String(error)}`,
    )
  }
  if (settings.context !== undefined) kubeConfig.setCurrentContext(settings.context)
  const name = kubeConfig.getCurrentCluster()?.name
  const extra = settings.certificateAuthority
    ? readFileSync(resolvePath(settings.certificateAuthority), 'utf8')
    : ''
  kubeConfig.clusters = kubeConfig.clusters.map((one) => {
    if (one.name !== name) return one
    const own = extra ? `${decode(one.caData) ?? ''}\n${extra}` : undefined
    return {
      ...one,
      ...(own !== undefined && { caData: Buffer.from(own).toString('base64') }),
      ...(settings.proxy !== undefined && { proxyUrl: settings.proxy }),
    }
  })
  return kubeConfig
}

function authorityOf(kubeConfig: KubeConfig): string | undefined {
  const cluster = kubeConfig.getCurrentCluster()
  if (cluster?.caData) return cluster.caData
  return cluster?.caFile ? readFileSync(cluster.caFile).toString('base64') : undefined
}

function decode(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString()
}

/** A client certificate would outweigh the token, so the user is another one. */
function withToken(kubeConfig: KubeConfig, token: string): KubeConfig {
  const cluster = kubeConfig.getCurrentCluster()
  if (!cluster) throw new Error('no cluster')
  const other = new KubeConfig()
  other.loadFromClusterAndUser(cluster, { name: 'bearer', token })
  return other
}

/** The agent that client-node makes has authority, client certificate and proxy, but opens a socket for every call. */
async function keepAliveAgent(kubeConfig: KubeConfig): Promise<Agent> {
  const { agent } = await optionsOf(kubeConfig)
  if (typeof agent !== 'object') throw new Error('the kubeconfig gave no agent')
  return Object.assign(agent, { keepAlive: true, maxSockets: sockets, keepAliveMsecs: 30_000 })
}

async function optionsOf(kubeConfig: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {}
  await kubeConfig.applyToHTTPSOptions(options)
  return options
}

/** Tokens may change (in-cluster ones do every hour, those of exec plugins whenever they like). */
async function freshHeaders(kubeConfig: KubeConfig): Promise<Record<string, string>> {
  const { auth, headers } = await optionsOf(kubeConfig)
  const basic = auth ? { Authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {}
  const given = Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)] as const)
  return { ...basic, ...Object.fromEntries(given) }
}

function contentHeaders(
  { contentType, accept }: ApiServerCall,
  body: string | undefined,
): Record<string, string> {
  return {
    Accept: accept ?? 'application/json',
    'User-Agent': 'shambhala',
    ...(body !== undefined && {
      'Content-Type': contentType ?? 'application/json',
      // Without it, Node sends the body of a DELETE unframed.
      'Content-Length': String(Buffer.byteLength(body)),
    }),
  }
}

function queryOf(query: ApiServerCall['query'] = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] satisfies [string, string]],
  )
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}

async function collect(
  response: IncomingMessage,
  { maxBytes = 8 * 2 ** 20, truncate = false }: ApiServerCall,
): Promise<Pick<ApiServerAnswer, 'body' | 'truncated'>> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size <= maxBytes) continue
    response.destroy()
    if (truncate) return { body: Buffer.concat(chunks).subarray(0, maxBytes), truncated: true }
    throw new TooLarge(
      `the cluster’s answer has more than ${maxBytes} bytes`,
      `la réponse du cluster dépasse ${maxBytes} octets`,
    )
  }
  return { body: Buffer.concat(chunks), truncated: false }
}

function unreachable(name: string, error: unknown): Error {
  if (error instanceof TooLarge) return error
  const why = error instanceof Error ? error.message || error.name : String(error)
  return new Inconclusive(`cluster ${name} does not answer: ${why}`, { cause: error })
}
