import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { CoreV1Api } from '@kubernetes/client-node'
import { connectTo } from '../../src/board/cluster/connection.ts'
import { objectsOf } from '../../src/board/cluster/objects.ts'
import { createReader } from '../../src/board/cluster/reader.ts'
import type { NamespaceReader, PlayerCluster } from '../../src/board/cluster/types.ts'
import { boardFile } from '../../src/core/board-file.ts'
import { openBoard } from './board.ts'
import { applyObjects, connect } from './board/objects.ts'

export interface TestNamespace {
  name: string
  /** The administrator's. */
  kubeconfig: string
  reader: NamespaceReader
}

/** A namespace of the test board that is deleted after the test, and the eyes of a master in it. */
export async function openNamespace(context: Pick<TestContext, 'after'>): Promise<TestNamespace> {
  const { kubeconfig } = await openBoard()
  const name = `t-${randomBytes(4).toString('hex')}`
  await applyObjects(kubeconfig, [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }])
  const [settings] = boardFile.parse({ clusters: [{ name: 'main', kubeconfig }], budgets: {} }).clusters
  if (!settings) throw new Error('no cluster')
  const connection = await connectTo(settings, (path) => path)
  context.after(async () => {
    connection.close()
    await connect(kubeconfig).makeApiClient(CoreV1Api).deleteNamespace({ name })
  })
  const place = { cluster: 'main', namespace: name, ingress: null }
  return { name, kubeconfig, reader: createReader(connection, objectsOf(connection), place) }
}

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
