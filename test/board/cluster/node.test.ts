import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, test, type TestContext } from 'node:test'
import { CoreV1Api, NetworkingV1Api } from '@kubernetes/client-node'
import { applyObjects, connect } from '../../helpers/board/objects.ts'
import { cleanNamespace, isReady, podThat, restrictedPod, runInPod } from '../../helpers/board/pods.ts'
import { registries } from '../../helpers/board/registry.ts'
import { lacksNode, openNode } from '../../helpers/node.ts'
import { until } from '../../helpers/until.ts'

const page = '<h1>The board answers</h1>\n'
const ask = (url: string) => `timeout 4 wget -q -O - ${url}`

describe('the test board’s node', { skip: lacksNode(), concurrency: true }, () => {
  test('runs a pod under Pod Security restricted until it is ready, and gives its log', async (context) => {
    const { kubeconfig } = await openNode()
    const namespace = await cleanNamespace(context, kubeconfig)
    const pod = await podThat(kubeconfig, restrictedPod(namespace, 'web'), isReady)
    assert.match(pod.status?.podIP ?? '', /^10\.217\.0\./)
    const api = connect(kubeconfig).makeApiClient(CoreV1Api)
    assert.equal(await api.readNamespacedPodLog({ namespace, name: 'web' }), 'listening on 8080\n')
  })

  test('refuses a pod that Pod Security restricted does not allow', async (context) => {
    const { kubeconfig } = await openNode()
    const namespace = await cleanNamespace(context, kubeconfig)
    const pod = restrictedPod(namespace, 'open')
    delete pod.spec['securityContext']
    await assert.rejects(podThat(kubeconfig, pod, isReady), /violates PodSecurity/)
  })

  test('says of an image that it is not found, or that its registry refuses', async (context) => {
    const { kubeconfig } = await openNode()
    const namespace = await cleanNamespace(context, kubeconfig)
    const why = async (name: string, image: string) => {
      const pod = restrictedPod(namespace, name)
      pod.spec['containers'] = [{ ...(pod.spec['containers'] as object[])[0], image }]
      let message = ''
      await podThat(kubeconfig, pod, ({ status }) => {
        const waiting = status?.containerStatuses?.[0]?.state?.waiting
        if (waiting?.reason === 'ErrImagePull') message = waiting.message ?? ''
        return message !== ''
      })
      return message
    }
    assert.match(await why('tag', `${registries.empty}/web:nowhere`), /not found/)
    assert.match(await why('refused', `${registries.closed}/web:1`), /401 Unauthorized|authorization failed/)
  })

  test('cuts pods off by a default-deny policy that lets only the same namespace through', async (context) => {
    const { kubeconfig, outside, server } = await openNode()
    const inside = await cleanNamespace(context, kubeconfig)
    const stranger = await cleanNamespace(context, kubeconfig)
    const internet = await listenOn(context, outside)
    const target = await podThat(kubeconfig, restrictedPod(inside, 'web'), isReady)
    const url = `http://${target.status?.podIP}:8080/`
    const ways = [ask(url), call(server), call(internet)].map((way) => `${way} &`).join(' ') + ' wait'
    const all = [/The board answers/, /400 Bad Request/, /the world outside/]
    const reached = async (namespace: string) => {
      const { output } = await runInPod(kubeconfig, namespace, ways)
      return all.filter((answer) => answer.test(output))
    }
    assert.deepEqual(await reached(inside), all)
    assert.deepEqual(await reached(stranger), all)

    await applyObjects(kubeconfig, [sameNamespaceOnly(inside)])
    const cut = await until(
      'the policy',
      20,
      () => reached(inside),
      (left) => left.length < all.length,
    )
    assert.deepEqual(cut, all.slice(0, 1))
    assert.deepEqual(await reached(stranger), all.slice(1))
  })

  test('answers at an Ingress’s host name, and tells the address in its status', async (context) => {
    const { kubeconfig, ingress } = await openNode()
    const namespace = await cleanNamespace(context, kubeconfig)
    await podThat(kubeconfig, restrictedPod(namespace, 'web'), isReady)
    const host = `${namespace}.play.test`
    await applyObjects(kubeconfig, [serviceOf(namespace), ingressOf(namespace, host, ingress.className)])
    const get = () => getFrom(ingress.address, ingress.httpPort, host)
    const answer = await until('an answer', 20, get, ({ status }) => status === 200)
    assert.deepEqual(answer, { status: 200, body: page })
    const api = connect(kubeconfig).makeApiClient(NetworkingV1Api)
    const told = await until('an address', 20, async () => {
      const { status } = await api.readNamespacedIngress({ namespace, name: 'web' })
      return status?.loadBalancer?.ingress
    })
    assert.deepEqual(told[0]?.ip, ingress.address)
  })

  test('meets a claim, keeps what a pod wrote for the next one, and lets the claim go', async (context) => {
    const { kubeconfig } = await openNode()
    const namespace = await cleanNamespace(context, kubeconfig)
    const api = connect(kubeconfig).makeApiClient(CoreV1Api)
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } }
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace },
      spec,
    }
    await applyObjects(kubeconfig, [claim])
    const run = async (name: string, command: string) => {
      const pod = restrictedPod(namespace, name, ['sh', '-c', command])
      const [container] = pod.spec['containers'] as object[]
      pod.spec['containers'] = [{ ...container, volumeMounts: [{ name: 'data', mountPath: '/data' }] }]
      pod.spec['volumes'] = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }]
      await podThat(kubeconfig, pod, ({ status }) => status?.phase === 'Succeeded')
      return await api.readNamespacedPodLog({ namespace, name })
    }
    await run('writer', 'echo kept >/data/note')
    assert.equal(await run('reader', 'cat /data/note'), 'kept\n')
    const { spec: met } = await api.readNamespacedPersistentVolumeClaim({ namespace, name: 'data' })
    for (const name of ['writer', 'reader']) await api.deleteNamespacedPod({ namespace, name })
    await api.deleteNamespacedPersistentVolumeClaim({ namespace, name: 'data' })
    const left = async () => {
      const { items: claims } = await api.listNamespacedPersistentVolumeClaim({ namespace })
      const { items: volumes } = await api.listPersistentVolume()
      return claims.length + volumes.filter(({ metadata }) => metadata?.name === met?.volumeName).length
    }
    await until('the claim and its volume to go', 30, left, (number) => number === 0)
  })

  test('resolves a service’s name in a pod, and no name that the cluster does not have', async (context) => {
    const { kubeconfig } = await openNode()
    const namespace = await cleanNamespace(context, kubeconfig)
    await podThat(kubeconfig, restrictedPod(namespace, 'web'), isReady)
    await applyObjects(kubeconfig, [serviceOf(namespace)])
    const url = `http://web.${namespace}.svc.cluster.local/`
    const answer = await until(
      'an answer',
      20,
      () => runInPod(kubeconfig, namespace, ask(url)),
      ({ code }) => code === 0,
    )
    assert.equal(answer.output, page)
    assert.notEqual((await runInPod(kubeconfig, namespace, 'nslookup nowhere.example.org')).code, 0)
  })
})

/** Shows what is answered to a plain question at once; nothing when the way is closed. */
function call(url: string): string {
  const { hostname, port } = new URL(url)
  return `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 3 ${hostname} ${port}`
}

/** Something to be reached at an address of the node. */
async function listenOn(context: TestContext, address: string): Promise<string> {
  const server = createServer((_, response) => response.end('the world outside')).listen(0, address)
  await once(server, 'listening')
  context.after(() => server.close())
  return `http://${address}:${(server.address() as AddressInfo).port}`
}

function sameNamespaceOnly(namespace: string) {
  const kin = [{ podSelector: {} }]
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'same-namespace-only', namespace },
    spec: {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: kin }],
      egress: [{ to: kin }],
    },
  }
}

function serviceOf(namespace: string) {
  const spec = { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] }
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace }, spec }
}

function ingressOf(namespace: string, host: string, ingressClassName: string) {
  const backend = { service: { name: 'web', port: { name: 'http' } } }
  const rules = [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }]
  const metadata = { name: 'web', namespace }
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: { ingressClassName, rules } }
}

/** As a browser would, had it resolved the name to the ingress. */
async function getFrom(
  address: string,
  port: number,
  host: string,
): Promise<{ status: number; body: string }> {
  return await new Promise((resolve, reject) => {
    const sent = request({ host: address, port, headers: { host }, timeout: 5000 }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject)
    })
    sent.on('error', reject)
    sent.end()
  })
}
