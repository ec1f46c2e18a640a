import { Inconclusive } from '../lib/errors.ts'
import type { NamespaceReader } from '../board/cluster/types.ts'
import type { CheckContext, CheckKind, Look, Looked } from './check.ts'
import { askIngress } from './http/ingress.ts'
import { askService } from './http/service.ts'
import { isProvisional, isSettling } from './http/settling.ts'
import { httpFacts, httpSpec, type HttpFacts, type HttpSpec } from './http/spec.ts'

export const check: CheckKind<HttpSpec, HttpFacts> = {
  kind: 'http',
  spec: httpSpec,
  facts: httpFacts,
  needs: ['cluster'],
  look,
}

const againSeconds = 2

async function look(spec: HttpSpec, { board, signal }: CheckContext): Promise<Look<HttpFacts>> {
  if (signal.aborted) throw new Inconclusive('The request was stopped.')
  if (!board.cluster) throw new Inconclusive('This board has no cluster to ask through.')
  const reader = await board.cluster.namespace(spec.environment)
  const looked = await ask(reader, spec, signal)
  if (!isProvisional(looked.facts, spec.service === undefined) || !(await isSettling(reader, signal)))
    return looked
  return { ...looked, pending: true, why: stillLaid, again: againSeconds }
}

const stillLaid = {
  en: 'What answers there was changed a moment ago; we ask once more when it has settled.',
  fr: 'Ce qui répond là vient de changer ; nous redemandons quand ce sera posé.',
}

async function ask(reader: NamespaceReader, spec: HttpSpec, signal: AbortSignal): Promise<Looked<HttpFacts>> {
  const { service, port } = spec
  if (service !== undefined && port !== undefined)
    return await askService(reader, { ...spec, service, port }, signal)
  if (!reader.ingress) throw new Inconclusive(`The cluster ${reader.cluster} has no ingress to ask through.`)
  return await askIngress(reader.ingress, spec, signal)
}
