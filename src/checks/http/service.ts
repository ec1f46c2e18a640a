import type { NamespaceReader } from '../../board/cluster/types.ts'
import type { Looked } from '../check.ts'
import { evidenceOf, maxText, tellContent } from './answer.ts'
import { nothingCame, type HttpFacts, type HttpSpec } from './spec.ts'

/** The API server writes its own path before an address that a redirect names. */
const proxyPath = /\/api\/v1\/namespaces\/[^/]+\/services\/[^/]+\/proxy(?=\/|$)/

/** Asks a Service through the API server's proxy. */
export async function askService(
  reader: NamespaceReader,
  spec: HttpSpec & { service: string; port: number | string },
  signal: AbortSignal,
): Promise<Looked<HttpFacts>> {
  const { service, port, scheme } = spec
  // Two dots must not lead out of the proxy to another path of the API server.
  const { pathname, search } = new URL(`http://service${spec.path}`)
  const path = pathname + search
  const url = `${scheme}://${service}:${port}${path}`
  const start = performance.now()
  const answer = await reader.viaService({ service, port, path, scheme }, maxText, signal)
  if (!answer) return { facts: nothingCame(url, 'service'), evidence: [], made: [] }
  const milliseconds = Math.round(performance.now() - start)
  const { location } = answer.headers
  const headers = {
    ...answer.headers,
    ...(location !== undefined && { location: location.replace(proxyPath, '') }),
  }
  const heard = { status: answer.status, headers, body: answer.body, complete: !answer.truncated }
  const facts = { ...tellContent(heard, url), url, redirects: [], strayed: '', tls: null, milliseconds }
  return { facts, evidence: [evidenceOf(url, heard)], made: [] }
}
