import type { IngressWay } from '../../src/board/cluster/types.ts'
import type { Looked } from '../../src/checks/check.ts'
import { check } from '../../src/checks/http.ts'
import type { HttpFacts } from '../../src/checks/http/spec.ts'
import { contextOf } from './look.ts'
import { emptyNamespace } from './namespace.ts'

export const suffix = 'tara.play.example.org'

/** What the check sees through a controller that listens on this machine; null for a cluster without one. */
export async function lookThrough(
  ports: Partial<IngressWay> | null,
  spec: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<Looked<HttpFacts> & { environments: (string | undefined)[] }> {
  const shown = { publicHttpPort: 80, publicHttpsPort: 443, onServer: false }
  const way = { suffix, className: 'hunt', address: '127.0.0.1', httpPort: 1, httpsPort: 1, ...shown }
  const reader = emptyNamespace({ ingress: ports && { ...way, ...ports } })
  const environments: (string | undefined)[] = []
  const cluster = {
    namespace: (environment?: string) => {
      environments.push(environment)
      return Promise.resolve(reader)
    },
  }
  const context = { ...contextOf(null, signal ? { signal } : {}), board: { cluster } }
  const looked = await check.look(check.spec.parse(spec), context)
  check.facts.parse(looked.facts)
  return { ...looked, environments }
}
