import type { NamespaceReader, PlayerCluster } from '../../src/board/cluster/types.ts'

/** A namespace in which nothing is. What a check does with a real one is tested with a real API server. */
export function emptyNamespace(over: Partial<NamespaceReader> = {}): NamespaceReader {
  return {
    cluster: 'main',
    namespace: 'hunt-tara',
    ingress: null,
    get: () => Promise.resolve(null),
    list: () => Promise.resolve({ items: [], truncated: false }),
    logs: () => Promise.resolve(null),
    viaService: () => Promise.resolve(null),
    ...over,
  }
}

export function clusterWith(reader: NamespaceReader): PlayerCluster {
  return { namespace: () => Promise.resolve(reader) }
}
