import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { CoreV1Api } from '@kubernetes/client-node'
import { connectTo } from '../../src/board/cluster/connection.ts'
import { objectsOf } from '../../src/board/cluster/objects.ts'
import { createReader } from '../../src/board/cluster/reader.ts'
import type { NamespaceReader } from '../../src/board/cluster/types.ts'
import { boardFile } from '../../src/core/board-file.ts'
import { openBoard } from './board.ts'
import { applyObjects, connect } from './board/objects.ts'

export { clusterWith, emptyNamespace } from './empty-namespace.ts'

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
