import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../src/board/cluster/types.ts'
import { check } from '../../src/checks/http.ts'
import { lacksBoard } from '../helpers/board.ts'
import { applyObjects } from '../helpers/board/objects.ts'
import { serviceOf } from '../helpers/board/workloads.ts'
import { listenHttp } from '../helpers/listen.ts'
import { contextOf } from '../helpers/look.ts'
import { clusterWith, emptyNamespace, openNamespace } from '../helpers/namespace.ts'
import { until } from '../helpers/until.ts'

describe('what answers over HTTP, looked at right after it was made,', () => {
  it('is asked again for a moment, then judged', { skip: lacksBoard() }, async (context) => {
    const place = await openNamespace(context)
    const service = serviceOf({ app: 'web' })
    const metadata = { ...service.metadata, namespace: place.name }
    await applyObjects(place.kubeconfig, [{ ...service, metadata }])
    const look = () =>
      check.look(check.spec.parse({ service: 'web', port: 80 }), {
        ...contextOf(null),
        board: { cluster: clusterWith(place.reader) },
      })
    const first = await look()
    assert.ok('pending' in first, 'endpoints may be on their way')
    assert.match(first.why.fr ?? '', /vient de changer/)
    const last = await until('a verdict', 30, look, (seen) => !('pending' in seen), 500)
    assert.equal(last.facts.status === 200, false)
  })

  it('waits for an ingress controller that does not know the name yet, and for nothing that is served', async (context) => {
    const ingress: KubeObject = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'gate', creationTimestamp: new Date().toISOString() },
      spec: {},
    }
    const httpPort = await listenHttp(context, (request, response) => {
      response.writeHead(request.url === '/there' ? 200 : 404).end()
    })
    const way = {
      suffix: 'tara.play.example.org',
      className: 'hunt',
      address: '127.0.0.1',
      httpPort,
      httpsPort: 1,
      publicHttpPort: 80,
      publicHttpsPort: 443,
      onServer: false,
    }
    const empty = emptyNamespace({ ingress: way })
    const list: typeof empty.list = (kind) =>
      Promise.resolve({ items: kind.kind === 'Ingress' ? [ingress] : [], truncated: false })
    const look = (path: string) =>
      check.look(check.spec.parse({ host: 'web', path }), {
        ...contextOf(null),
        board: { cluster: clusterWith({ ...empty, list }) },
      })
    assert.ok('pending' in (await look('/')))
    assert.ok(!('pending' in (await look('/there'))))
    ingress.metadata.creationTimestamp = new Date(Date.now() - 60_000).toISOString()
    assert.ok(!('pending' in (await look('/'))))
  })
})
