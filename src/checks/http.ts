import { Inconclusive } from '../lib/errors.ts'
import type { CheckContext, CheckKind, Looked } from './check.ts'
import { askIngress } from './http/ingress.ts'
import { askService } from './http/service.ts'
import { httpFacts, httpSpec, type HttpFacts, type HttpSpec } from './http/spec.ts'

export const check: CheckKind<HttpSpec, HttpFacts> = {
  kind: 'http',
  spec: httpSpec,
  facts: httpFacts,
  needs: ['cluster'],
  look,
}

async function look(spec: HttpSpec, { board, signal }: CheckContext): Promise<Looked<HttpFacts>> {
  if (signal.aborted) throw new Inconclusive('The request was stopped.')
  if (!board.cluster) throw new Inconclusive('This board has no cluster to ask through.')
  const reader = await board.cluster.namespace(spec.environment)
  const { service, port } = spec
  if (service !== undefined && port !== undefined)
    return await askService(reader, { ...spec, service, port }, signal)
  if (!reader.ingress) throw new Inconclusive(`The cluster ${reader.cluster} has no ingress to ask through.`)
  return await askIngress(reader.ingress, spec, signal)
}
