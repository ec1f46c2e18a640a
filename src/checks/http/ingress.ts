import { lookup } from 'node:dns/promises'
import type { IngressWay } from '../../board/cluster/types.ts'
import { boundedRequest } from '../../lib/bounded.ts'
import { Unanswered, type Endpoint } from '../../lib/bounded/exchange.ts'
import { Inconclusive } from '../../lib/errors.ts'
import type { Looked } from '../check.ts'
import { evidenceOf, maxText, tellContent } from './answer.ts'
import { tellCertificate } from './certificate.ts'
import { nothingCame, type HttpFacts, type HttpSpec } from './spec.ts'

/** No player can have an Ingress for it, since it is under nobody's suffix: only the controller itself can answer. */
const nobody = 'nobody.invalid'

/** Asks one of the player's host names, by a connection to the ingress controller alone. */
export async function askIngress(
  way: IngressWay,
  spec: HttpSpec,
  signal: AbortSignal,
): Promise<Looked<HttpFacts>> {
  const name = spec.host ? `${spec.host}.${way.suffix}` : way.suffix
  // As anybody else would call it, whose browser sends the port along; the connection goes elsewhere.
  const port = spec.scheme === 'https' ? way.publicHttpsPort : way.publicHttpPort
  const url = new URL(`${spec.scheme}://${name}:${port}${spec.path}`)
  const address = await resolved(way)
  const connectTo = (to: URL) => (isUnder(way.suffix, to) ? endpointOf(way, address, to) : null)
  const start = performance.now()
  try {
    const answer = await boundedRequest({
      url,
      connectTo,
      signal,
      method: spec.method,
      headers: spec.headers,
      ...(spec.body !== undefined && { body: spec.body }),
      maxBytes: maxText,
      totalMs: spec.seconds * 1000,
      redirects: spec.follow,
      certificates: 'tell',
    })
    const facts = {
      ...tellContent(answer, answer.url.href),
      url: answer.url.href,
      redirects: answer.redirects,
      strayed: answer.strayed ?? '',
      tls: answer.peer && tellCertificate(answer.peer, answer.url.hostname),
      milliseconds: Math.round(performance.now() - start),
    }
    return { facts, evidence: [evidenceOf(answer.url.href, answer)], made: [] }
  } catch (error) {
    if (!(error instanceof Unanswered) || error.why === 'unreachable') throw error
    if (error.why === 'silent' && !(await isWell((to) => endpointOf(way, address, to), spec.scheme, signal)))
      throw error
    return { facts: nothingCame(url.href, error.why), evidence: [], made: [] }
  }
}

/** Once: every name under the player's suffix leads there, whatever a redirect says. */
async function resolved({ address }: IngressWay): Promise<string> {
  try {
    return (await lookup(address)).address
  } catch (cause) {
    throw new Inconclusive(`the address ${address} of the ingress controller cannot be resolved`, { cause })
  }
}

function isUnder(suffix: string, { hostname }: URL): boolean {
  return hostname === suffix || hostname.endsWith(`.${suffix}`)
}

function endpointOf({ httpPort, httpsPort }: IngressWay, address: string, { protocol }: URL): Endpoint {
  return { address, port: protocol === 'https:' ? httpsPort : httpPort }
}

/** Whether silence is the player's: a controller that answers for a name that nobody has is not the one that keeps silent. */
async function isWell(
  connectTo: (url: URL) => Endpoint,
  scheme: string,
  signal: AbortSignal,
): Promise<boolean> {
  const limits = { maxBytes: 0, connectMs: 2000, totalMs: 3000 }
  const url = new URL(`${scheme}://${nobody}/`)
  return await boundedRequest({ url, connectTo, signal, certificates: 'tell', ...limits }).then(
    () => true,
    () => false,
  )
}
